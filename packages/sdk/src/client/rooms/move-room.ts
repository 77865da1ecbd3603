import { ZERO_HEAD } from '../../protocol/topic/entry.ts'
import { equalBytes } from '../../util/bytes.ts'
import { putJob } from '../jobs.ts'
import type { RoomRecord } from '../records.ts'
import { answerOf } from './opening.ts'
import type { Rooms } from './rooms.ts'
import { dropPendingGroup, type RoomSession } from './session.ts'
import type { Successor } from './successors.ts'

/**
 * Takes the room to its successor topic: it reads there from the first entry on, which is the commit that answers the void
 * one. Place numbers go on in a new term, and what is queued goes out again there under the same ids.
 */
export const moveRoom = async (
  session: RoomSession,
  rooms: Rooms,
  { topic, commit, own }: Successor,
): Promise<void> => {
  const { core } = session
  const moved = await session.lock.run(async () => {
    const { voided, opening, haltedAt: _, unable: ____, receipt: __, pending: ___, ...record } = session.record
    if (voided === undefined || equalBytes(record.topic, topic)) return undefined
    const isOwn = own !== undefined && opening !== undefined && equalBytes(opening.topic, own.topic)
    const next: RoomRecord = {
      ...record,
      topic,
      term: record.term + 1,
      state: 'open',
      seq: 0,
      head: ZERO_HEAD,
      time: 0,
      heads: [],
      commits: [],
      epochSeq: 0,
      firstEpoch: commit.epoch,
      successor: answerOf(record.topic, voided),
      ...(isOwn ? { pending: opening.pending } : {}),
    }
    await core.store.write(async (tx) => {
      session.put(tx, { record: next })
      if (!isOwn) dropPendingGroup(tx, record.id)
      tx.delete('jobs', `ask/${record.id}`)
      await putJob(tx, `archive/${record.id}`, { kind: 'archive', room: record.id }, core.clock.now())
      const again = { kind: 'replace-leaf', room: record.id } as const
      if (record.stale) await putJob(tx, `replace-leaf/${record.id}`, again, core.clock.now())
    })
    if (!isOwn) session.pendingGroup = undefined
    session.caughtUp.shut()
    session.settle({ record: next })
    return next
  })
  if (moved === undefined) return
  rooms.run(session)
  session.outgoing.open()
}
