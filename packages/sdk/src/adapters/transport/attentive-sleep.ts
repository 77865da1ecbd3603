import type { Clock } from '../../ports/clock.ts'
import type { Abortable } from '../../util/abort.ts'

/** ms of one step. */
const STEP = 5_000
/** ms by which a step may be late on a machine that is merely busy. */
const LATE = 5_000

/**
 * Sleeps `ms` in short steps and looks at the clock between them. True, and earlier, if time jumped: the machine was
 * asleep, the page stood still or the clock was set, so what was known about a connection is old.
 */
export const sleptThroughJump = async (clock: Clock, ms: number, options: Abortable): Promise<boolean> => {
  for (let left = ms; left > 0; left -= STEP) {
    const planned = Math.min(left, STEP)
    const before = clock.now()
    await clock.sleep(planned, options)
    const took = clock.now() - before
    if (took < 0 || took > planned + LATE) return true
  }
  return false
}
