import {
  type ChangeMark,
  type Done,
  type MadeBy,
  noted,
  stateOf,
  type Undone,
  undoneOf,
} from '../../domain/rooms/undone.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { ControlChange } from '../../protocol/messages/control-change.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import type { ChangedRecord, ForkRecord, RoomRecord } from '../records.ts'
import { noteGone } from './gone.ts'
import type { RoomSession } from './session.ts'
import type { Work } from './work.ts'

/** ms for which the device that made a change is given time to make it again, before another one of its person does. */
const OWN_FIRST = 60_000

/** Seeds of ended epochs by which it is found where others went on from one of them. */
const SEEDS_KEPT = 64

const keyOf = (room: string): string => `changed/${room}`

interface Made {
  /** The epoch that the commit ended. */
  readonly ended: number
  readonly changes: readonly ControlChange[]
  readonly added: readonly { readonly address: Address }[]
  readonly by: MadeBy
}

/** What a commit did, before it: who went by it may ask, and a room may go on at another hub without it (hubs.md). */
export const noteChanges = (core: Core, work: Work, before: Snapshot, made: Made): void => {
  noteGone(work, before, made.changes)
  const { id, seq, topic, epochs } = work.record
  // The first commit of a topic is what the topic goes on from.
  if (before.hubs === undefined || before.kind === 'channel' || seq === 0) return
  const added = marksOf(core, before, made).map((mark) => ({ ...mark, topic }))
  const ended = epochs.filter(({ epoch }) => epoch === made.ended).map((known) => ({ ...known, topic }))
  work.effects.push({
    kind: 'personal',
    store: async (tx) => {
      const known = await changedIn(tx, id)
      putChanged(tx, id, { marks: noted(known.marks, added), epochs: [...known.epochs, ...ended].slice(-SEEDS_KEPT) })
    },
  })
}

const marksOf = (
  core: Pick<Core, 'self'>,
  before: Snapshot,
  { ended, changes, added, by }: Made,
): readonly ChangeMark[] => {
  const own = added.some(({ address }) => address === core.self.address)
  const done: readonly Done[] = own ? [...changes, { kind: 'devices' }] : changes
  return done.map((what) => ({
    ended,
    // Any own device brings in what belongs to its person.
    by: what.kind === 'devices' && by === 'others' ? 'person' : by,
    what,
    before: stateOf(before, what),
  }))
}

export const changedIn = async (tx: StoreReader, room: string): Promise<ChangedRecord> =>
  (await tx.get<ChangedRecord>('outbox', keyOf(room))) ?? { marks: [], epochs: [] }

export const putChanged = (tx: StoreWriter, room: string, changed: ChangedRecord): void =>
  tx.put('outbox', { key: keyOf(room), value: changed })

type Epochs = RoomRecord['epochs']

/** All epochs of the present topic of which a seed is kept, oldest first. */
export const epochsIn = async (tx: StoreReader, { id, topic, epochs }: RoomRecord): Promise<Epochs> => {
  const ended = (await changedIn(tx, id)).epochs.filter((known) => equalBytes(known.topic, topic))
  const older = ended.filter(({ epoch }) => epochs.every((known) => known.epoch !== epoch))
  return [...older.map(({ epoch, seed }) => ({ epoch, seed })), ...epochs]
}

/**
 * Takes what the room goes on without: what commits did that ended an epoch of the present topic from `since` on, or all
 * that came after the move of a fork.
 */
export const takeUndone = async (
  tx: StoreWriter,
  core: Pick<Core, 'self'>,
  { record, snapshot }: Pick<RoomSession, 'record' | 'snapshot'>,
  since: number | ForkRecord,
): Promise<readonly Undone[]> => {
  const { marks, epochs } = await changedIn(tx, record.id)
  const isLost = (mark: (typeof marks)[number]) =>
    typeof since === 'number' && equalBytes(mark.topic, record.topic) && mark.ended >= since
  const before = typeof since === 'number' ? marks.length : lastBefore(record, since, marks) + 1
  const lost = [...marks.slice(0, before).filter(isLost), ...marks.slice(before)]
  putChanged(tx, record.id, { marks: marks.filter((mark) => !lost.includes(mark)), epochs })
  return withGivenUp(core, { ...record, undone: undoneOf(lost, snapshot, record.undone) }, snapshot)
}

/** The last of the marks that stands on both sides of a fork. */
const lastBefore = ({ forks = [] }: RoomRecord, fork: ForkRecord, marks: ChangedRecord['marks']): number => {
  const shared = forks.slice(0, forks.findIndex(({ from }) => equalBytes(from, fork.from)) + 1)
  return marks.findLastIndex(({ topic }) => shared.some(({ from }) => equalBytes(from, topic)))
}

/** With an own commit that is given up, though its hub may have taken it: nobody may be there to make its changes again. */
export const withGivenUp = (core: Pick<Core, 'self'>, record: RoomRecord, before: Snapshot): readonly Undone[] => {
  const { pending, undone = [] } = record
  if (pending === undefined || before.kind === 'channel') return undone
  const { epoch: ended, changes, joiners: added, snapshot } = pending
  return undoneOf(marksOf(core, before, { ended, changes, added, by: 'device' }), snapshot, undone)
}

/** The job by which it is done again, once the room is where it goes on. */
export const redoLater = async (tx: StoreWriter, core: Pick<Core, 'clock'>, record: RoomRecord): Promise<void> => {
  const { id: room, undone = [], removedBefore } = record
  if (undone.length === 0 && removedBefore === undefined) return
  const now = core.clock.now()
  const task = { kind: 'remove-again', room } as const
  await putJob(tx, `remove-again/${room}`, task, now)
  if (undone.some(({ by }) => by === 'person'))
    await putJob(tx, `remove-again/${room}/late`, { ...task, late: true }, now, OWN_FIRST)
}
