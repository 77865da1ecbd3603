import type { ErrorCode } from '../../errors.ts'

/** ms after which a relay that was caught is asked again: nothing false is taken over, and it may behave. */
export const ASKED_AGAIN_AFTER = 30_000
/** How often a hub is found at the same thing in a row before its conversations leave it. */
const TIMES = 3
/** ms for which a hub may lack what it has signed: those who hold it may still give it back. */
export const MAY_LACK = 120_000

/**
 * When a device leaves a hub for what it found out by itself; codes that are not here drive nobody away (hostile-relays.md).
 * `at once`: the hub has signed two things that cannot both be true. `if it stays`: nobody else can see that it is so, and
 * it may pass: what the hub says now may be true again.
 */
const LEAVES: Partial<Readonly<Record<ErrorCode, 'at once' | 'if it stays'>>> = {
  'relay/equivocation': 'at once',
  'relay/time-backwards': 'at once',
  'relay/missing-entry': 'if it stays',
  'relay/changed-entry': 'if it stays',
  'relay/bad-receipt': 'if it stays',
  'relay/withheld': 'if it stays',
  'identity/untrusted-key': 'if it stays',
}

/** Whether a hub that was found at this for the nth time in a row is left. */
export const leavesFor = (code: ErrorCode, times: number): boolean =>
  LEAVES[code] === 'at once' || (LEAVES[code] === 'if it stays' && times >= TIMES)

/** What was found can be over again, once the log was read beyond it. */
export const mayPass = (code: ErrorCode): boolean => LEAVES[code] === 'if it stays'
