import type { Hub } from '../../protocol/topic/hub.ts'
import { equalBytes } from '../../util/bytes.ts'
import { elapsed } from '../../util/time.ts'
import type { RoomRecord } from '../records.ts'
import { HINTS } from './forks.ts'
import { hubsIn } from './hubs-in.ts'
import { goOnLater } from './leave.ts'
import { putChanged } from './note-changes.ts'
import type { Rooms } from './rooms.ts'
import type { RoomSession } from './session.ts'

/** ms for which a device asks to be let in at the next hub before it goes back to one that it left and can reach. */
export const PATIENCE = 5 * 60_000
/** The same where that one is gone, or was caught: from there it goes on at another hub. */
const LONG_PATIENCE = 15 * 60_000
/** ms between two requests after which it counts anew: the machine slept. */
const BREAK = PATIENCE + 60_000

/**
 * ms until this device goes back to the topic from which it was to go on elsewhere, because nobody has answered over there;
 * undefined: it cannot. A program that runs for a while and asks each time anew never does.
 */
export const untilBack = (session: RoomSession): number | undefined => {
  const { core, record } = session
  const { left, topic } = record
  const now = core.clock.now()
  const { asks } = session
  const goesOn = asks !== undefined && equalBytes(asks.topic, topic) && elapsed(asks.last, now) <= BREAK
  const since = goesOn ? asks.since : now
  session.asks = { topic, since, last: now }
  const answers = ({ url }: Hub): boolean => core.links.downFor(url) === 0
  if (left === undefined || !hubsIn(session).some(answers)) return undefined
  const patience = left.record.caught === undefined && answers(left.record.hub) ? PATIENCE : LONG_PATIENCE
  return Math.max(patience - (now - since), 0)
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
      if (next.state === 'voided') await goOnLater(tx, core, next)
    })
    session.asks = undefined
    session.caughtUp.shut()
    session.settle({ record: next })
    return true
  })
  if (isBack) rooms.restart(session)
}
