import type { RoomRecord } from '../records.ts'
import type { RoomSession } from './session.ts'

/**
 * ms since the room had to stop, by the device's clock. Where that was put back behind the moment, the time counts from
 * now on: others are given all the time that is theirs, and this device does not stand still.
 */
export const haltedFor = (session: RoomSession): Promise<number> =>
  session.lock.run(async () => {
    const { core, record } = session
    const now = core.clock.now()
    const { haltedAt = 0 } = record
    if (haltedAt <= now) return now - haltedAt
    const next: RoomRecord = { ...record, haltedAt: now }
    await core.store.write(async (tx) => session.put(tx, { record: next }))
    session.settle({ record: next })
    return 0
  })
