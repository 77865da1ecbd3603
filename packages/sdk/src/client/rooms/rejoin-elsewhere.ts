import { ZERO_HEAD } from '../../protocol/topic/entry.ts'
import { toHex } from '../../util/bytes.ts'
import { putJob } from '../jobs.ts'
import type { RoomRecord } from '../records.ts'
import { type Continuation, handoverOf } from './continuation.ts'
import { askFor } from './leave.ts'
import { withoutTopic } from './move-room.ts'
import type { Rooms } from './rooms.ts'
import { dropPendingGroup, type RoomSession } from './session.ts'

/**
 * The conversation went on elsewhere from an epoch that this device has gone beyond, or has not reached: it asks to be let
 * in there. Who was taken out by commits that do not stand there is remembered, and taken out again (hubs.md).
 */
export const rejoinElsewhere = async (
  session: RoomSession,
  rooms: Rooms,
  { hub, topic, epoch }: Continuation,
): Promise<void> => {
  const { core } = session
  await session.lock.run(async () => {
    const { record } = session
    const now = core.clock.now()
    const lost = record.commits.flatMap(({ ended, removed }) => (ended >= epoch ? removed : []))
    const present = new Set(session.group?.members.map(({ deviceKey }) => toHex(deviceKey)))
    const removedBefore = [...new Set([...(record.removedBefore ?? []), ...lost])].filter(
      (device) => !present.has(device),
    )
    const next: RoomRecord = {
      ...withoutTopic(record),
      topic,
      hub,
      state: 'rejoining',
      haltedAt: now,
      seq: 0,
      head: ZERO_HEAD,
      time: 0,
      heads: [],
      commits: [],
      firstEpoch: epoch,
      // Keys of epochs that others do not share open nothing there.
      epochs: record.epochs.filter((known) => known.epoch <= epoch),
      handover: handoverOf(session, epoch),
      ...(removedBefore.length > 0 ? { removedBefore } : {}),
    }
    await core.store.write(async (tx) => {
      session.put(tx, { record: next })
      dropPendingGroup(tx, record.id)
      await putJob(tx, `ask/${record.id}`, askFor(session, next), now)
    })
    session.pendingGroup = undefined
    session.caughtUp.shut()
    session.settle({ record: next })
  })
  rooms.restart(session)
}
