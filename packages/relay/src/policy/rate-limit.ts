import type { Rate } from './limits.ts'

/** What is left in a bucket, and when that was true (ms). Plain data; `undefined` stands for a full bucket. */
export interface Bucket {
  readonly tokens: number
  readonly at: number
}

export type Spent =
  | { readonly ok: true; readonly bucket: Bucket }
  /** `retryAfter` ms until the cost is there. Nothing was taken. */
  | { readonly ok: false; readonly bucket: Bucket; readonly retryAfter: number }

/**
 * Takes `cost` tokens at time `now`. A cost above the burst is charged as the whole burst, so that it passes at some
 * time. A clock that goes back refills nothing. `keep`: tokens that have to be left, as far as the burst allows.
 */
export const spend = (rate: Rate, bucket: Bucket | undefined, cost: number, now: number, keep = 0): Spent => {
  const held = bucket ?? { tokens: rate.burst, at: now }
  const tokens = Math.min(rate.burst, held.tokens + (Math.max(0, now - held.at) * rate.perSecond) / 1000)
  const at = Math.max(now, held.at)
  const price = Math.min(cost, rate.burst)
  const needed = Math.min(price + keep, rate.burst)
  if (tokens >= needed) return { ok: true, bucket: { tokens: tokens - price, at } }
  return {
    ok: false,
    bucket: { tokens, at },
    retryAfter: Math.max(1, Math.ceil(((needed - tokens) * 1000) / rate.perSecond)),
  }
}

/** True when a bucket says no more than an absent one. */
export const isFull = (rate: Rate, bucket: Bucket, now: number): boolean => {
  const spent = spend(rate, bucket, rate.burst, now)
  return spent.ok
}
