import { ZERO_HEAD } from '../../protocol/topic/entry.ts'
import { equalBytes } from '../../util/bytes.ts'
import { putJob } from '../jobs.ts'
import type { HubRecord, PendingCommitRecord, RoomRecord } from '../records.ts'
import { forksAfter, hintsHere } from './forks.ts'
import { redoLater, withGivenUp } from './note-changes.ts'
import { answerOf } from './opening.ts'
import type { Rooms } from './rooms.ts'
import { sayUnsaid } from './say-again.ts'
import { dropPendingGroup, type RoomSession } from './session.ts'
import type { Successor } from './successors.ts'

/** A topic in which a room goes on from its present state. */
export interface NextTopic {
  readonly topic: Uint8Array
  /** The epoch that its first commit ends. */
  readonly epoch: number
  /** Absent: at the same hub. */
  readonly hub?: HubRecord
  /** What its first commit must answer. */
  readonly begins: Pick<RoomRecord, 'successor' | 'handover'>
  /** The own first commit, if this device opened it. */
  readonly own?: PendingCommitRecord
}

/** Takes the room to its successor topic, which answers the void commit that ended the one before. */
export const moveRoom = async (
  session: RoomSession,
  rooms: Rooms,
  { topic, commit, own }: Successor,
): Promise<void> => {
  const { topic: old, voided } = session.record
  if (voided === undefined) return
  const begins = { successor: answerOf(old, voided) }
  await enterTopic(session, rooms, old, { topic, epoch: commit.epoch, begins, ...(own && { own: own.pending }) })
}

/** Without what belongs to one topic alone. */
export const withoutTopic = (record: RoomRecord): RoomRecord => {
  const {
    voided: _,
    moving: __,
    caught: ___________,
    goneSince: ____________,
    opening: ___,
    haltedAt: ____,
    unable: _____,
    receipt: ______,
    pending: _______,
    successor: ________,
    handover: _________,
    seen: __________,
    added: ___________________,
    laterThan: _____________,
    left: ______________,
    sharedTerm: ________________,
    unanswered: _______________,
    hints = [],
    ...rest
  } = record
  const here = hintsHere(record)
  const others = hints.filter((hint) => !here.includes(hint))
  return others.length === 0 ? rest : { ...rest, hints: others }
}

/** Without the commit that it had not published: the state after it is kept no longer. */
export const withoutCommits = (record: RoomRecord): RoomRecord => {
  const { pending: _, opening: __, moving, ...rest } = record
  if (moving === undefined) return rest
  const { opening: ___, ...choice } = moving
  if (Object.keys(choice).length > 0) return { ...rest, moving: choice }
  const { haltedAt: ____, ...open } = rest
  return { ...open, state: 'open' }
}

/**
 * Goes on in another topic: it reads there from the first entry on, which is the commit that continues the topic before.
 * Place numbers go on in a new term, and what is queued goes out again there under the same ids. False where the room has
 * left the topic `old` meanwhile.
 */
export const enterTopic = async (
  session: RoomSession,
  rooms: Rooms,
  old: Uint8Array,
  { topic, epoch, hub, begins, own }: NextTopic,
): Promise<boolean> => {
  const { core } = session
  const moved = await session.lock.run(async () => {
    const { record, snapshot } = session
    if (!equalBytes(record.topic, old) || equalBytes(record.topic, topic)) return false
    if (record.state !== 'open' && record.state !== 'voided' && record.voided === undefined) return false
    const undone = withGivenUp(core, record, snapshot)
    const next: RoomRecord = {
      ...withoutTopic(record),
      ...(undone.length > 0 ? { undone } : {}),
      topic,
      ...(hub === undefined ? {} : { hub }),
      // The topics of a direct message's room share the term that this device gave it.
      term: snapshot.kind === 'dm' ? record.term : record.term + 1,
      state: 'open',
      seq: 0,
      head: ZERO_HEAD,
      time: 0,
      heads: [],
      commits: [],
      epochSeq: 0,
      firstEpoch: epoch,
      ...begins,
      ...(hub === undefined ? {} : { forks: forksAfter(session, { hub, topic, epoch }) }),
      ...(own === undefined ? {} : { pending: own }),
    }
    await core.store.write(async (tx) => {
      session.put(tx, { record: next })
      if (own === undefined) dropPendingGroup(tx, record.id)
      await redoLater(tx, core, next)
      await sayUnsaid(tx, core, record)
      tx.delete('jobs', `ask/${record.id}`)
      await putJob(tx, `archive/${record.id}`, { kind: 'archive', room: record.id }, core.clock.now())
      const again = { kind: 'replace-leaf', room: record.id } as const
      if (record.stale) await putJob(tx, `replace-leaf/${record.id}`, again, core.clock.now())
    })
    if (own === undefined) session.pendingGroup = undefined
    session.caughtUp.shut()
    session.settle({ record: next })
    return true
  })
  if (!moved) return false
  rooms.restart(session)
  session.outgoing.open()
  return true
}
