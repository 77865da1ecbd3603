import type { StoreWriter } from '../../domain/store/store.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import type { ConversationRecord, JobTask, RoomRecord } from '../records.ts'
import { othersToAsk } from './people.ts'
import type { RoomSession } from './session.ts'
import { FOLLOWED_BY_NONE } from './turn.ts'
import type { Work } from './work.ts'

/**
 * The room cannot be followed any more: either this device asks to be let in again, or the room is over and the
 * conversation goes on in another one (a new one is opened when there is something to send).
 */
export const leaveRoom = async (tx: StoreWriter, session: RoomSession, work: Work): Promise<void> => {
  const { core } = session
  const { record } = work
  // The own devices go on in another room, should this one be over, or nobody let this device in.
  if (work.control.snapshot.kind === 'self') await putJob(tx, 'open-self', { kind: 'open-self' }, core.clock.now())
  if (work.halt === 'rejoin') {
    work.record = { ...record, state: 'rejoining', haltedAt: core.clock.now() }
    if (record.voided !== undefined) await putRepair(tx, record.id, core.clock.now(), FOLLOWED_BY_NONE)
    await putJob(tx, `ask/${record.id}`, askFor(session, record, work.control.snapshot), core.clock.now())
    return
  }
  work.record = { ...record, state: 'closed' }
  // What an old copy of a store reads may be long past: the archive, which would be overwritten, knows better.
  const kind = record.stale && work.control.snapshot.kind === 'group' ? 'look-again' : 'archive'
  await putJob(tx, `${kind}/${record.id}`, { kind, room: record.id }, core.clock.now())
  const conversation = await tx.get<ConversationRecord>('conversations', record.conversation)
  if (conversation === undefined || conversation.kind === 'group' || conversation.active !== record.id) return
  const { active: _, ...rest } = conversation
  tx.put('conversations', { key: rest.id, scope: 'all', position: rest.activity, value: rest })
}

/** Everybody of the room is asked to let this device in. */
export const askFor = (
  { core: { self }, snapshot: known }: { readonly core: Pick<Core, 'self'>; readonly snapshot: Snapshot },
  { id: room, topic, suite, hub }: RoomRecord,
  snapshot: Snapshot = known,
): Extract<JobTask, { kind: 'ask' }> => ({
  kind: 'ask',
  room,
  topic,
  suite,
  people: [self.address, ...othersToAsk(snapshot, self.address)],
  relays: [hub.url],
})

/** The topic is over for everybody: the group goes on in a successor, which one of its members opens. */
export const repairLater = async (tx: StoreWriter, { core }: RoomSession, work: Work): Promise<void> => {
  const now = core.clock.now()
  work.record = { ...work.record, state: 'voided', haltedAt: now }
  await putRepair(tx, work.record.id, now)
}

/** The topic ended by choice: the conversation goes on at another hub (hubs.md). */
export const moveLater = async (tx: StoreWriter, { core }: RoomSession, work: Work): Promise<void> => {
  const now = core.clock.now()
  const { id, seq, head, moving } = work.record
  work.record = { ...work.record, state: 'voided', haltedAt: now, moving: { ...moving, at: { seq, head } } }
  await putJob(tx, `handover/${id}`, { kind: 'handover', room: id }, now)
}

/** The job of a topic that is over, where it is not known to be waiting. */
export const goOnLater = async (
  tx: StoreWriter,
  { clock }: Pick<Core, 'clock'>,
  { id, moving }: RoomRecord,
): Promise<void> => {
  const now = clock.now()
  if (moving === undefined) await putRepair(tx, id, now)
  else await putJob(tx, `handover/${id}`, { kind: 'handover', room: id }, now)
}

const putRepair = (tx: StoreWriter, room: string, now: number, after = 0): Promise<void> =>
  putJob(tx, `repair/${room}`, { kind: 'repair', room }, now, after)
