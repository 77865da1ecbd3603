import type { RelayCrypto } from '../platform.ts'
import { type Check, fail, ok } from './check.ts'
import { checkMachine } from './machine.ts'
import { checkOutside } from './outside.ts'

export interface SelfTestOptions {
  readonly directory: string
  readonly connections: number
  readonly publicUrl: string | undefined
  readonly relayKey: Uint8Array
  /** Accepted time of the newest entry, ms since 1970; 0 without any. */
  readonly newest: number
  readonly crypto: RelayCrypto
  readonly now: () => number
  readonly signal: AbortSignal
}

/** ms by which the newest entry may be ahead of the clock. */
const AHEAD = 60_000

/** Everything that an operator should know of: the way from outside, the clock, the machine. Throws the signal's reason. */
export const selfTest = async (options: SelfTestOptions): Promise<readonly Check[]> => {
  const { newest, now, signal } = options
  const outside = await checkOutside(options)
  signal.throwIfAborted()
  return [...outside, timeCheck(newest, now()), ...(await checkMachine(options))]
}

/** Times of a conversation never go back, so a clock that did would date messages into the future for that long. */
export const timeCheck = (newest: number, now: number): Check =>
  newest > now + AHEAD
    ? fail(
        'time',
        `The clock is ${Math.round((newest - now) / 1000)} s behind the newest message that is held: set it right.`,
      )
    : ok('time', `It is ${new Date(now).toISOString()} here.`)
