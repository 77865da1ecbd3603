import { equalBytes } from '../../util/bytes.ts'
import type { RoomRecord } from '../records.ts'
import { HINTS } from './forks.ts'
import { putChanged } from './note-changes.ts'
import type { Rooms } from './rooms.ts'
import type { RoomSession } from './session.ts'

/** ms for which a device asks to be let in at the next hub before it goes back to one that it left and can reach. */
export const PATIENCE = 5 * 60_000

/**
 * ms until this device goes back to the topic from which it was to go on elsewhere, because nobody has answered over there;
 * undefined: it cannot. A program that runs for a while and asks each time anew never does.
 */
export const untilBack = (session: RoomSession): number | undefined => {
  const { core, record } = session
  const { left, topic } = record
  const now = core.clock.now()
  if (session.asks === undefined || !equalBytes(session.asks.topic, topic) || session.asks.since > now)
    session.asks = { topic, since: now }
  const isOpen = left !== undefined && left.record.caught === undefined && core.links.downFor(left.record.hub.url) === 0
  return isOpen ? Math.max(PATIENCE - (now - session.asks.since), 0) : undefined
}

/**
 * Whoever had gone on elsewhere may never come back, and whoever follows cannot let the others in: they all go on where they were,
 * until somebody over there says something again (hubs.md).
 */
export const goBack = async (session: RoomSession, rooms: Rooms): Promise<void> => {
  const isBack = await session.lock.run(async () => {
    const { core, record } = session
    const { left, leaving, hints = [] } = record
    if (record.state !== 'rejoining' || left === undefined) return false
    const next: RoomRecord = {
      ...left.record,
      ...(leaving ? { leaving } : {}),
      hints: [...(left.record.hints ?? []), ...hints].slice(-HINTS),
      unanswered: { topic: record.topic, at: core.clock.now() },
    }
    await core.store.write(async (tx) => {
      session.put(tx, { record: next })
      putChanged(tx, record.id, left.changed)
    })
    session.asks = undefined
    session.caughtUp.shut()
    session.settle({ record: next })
    return true
  })
  if (isBack) rooms.restart(session)
}
