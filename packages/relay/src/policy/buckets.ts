import { type Clock, DchatError } from '@dchat/sdk/wire'
import type { Rate } from './limits.ts'
import { type Bucket, isFull, spend } from './rate-limit.ts'

const SWEEP_EVERY = 1024

/** Buckets by name, with only those in memory that are not full. */
export class Buckets {
  readonly #rate: Rate
  readonly #clock: Clock
  readonly #held = new Map<string, Bucket>()
  #writes = 0

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate
    this.#clock = clock
  }

  get size(): number {
    return this.#held.size
  }

  /** Throws `transport/rate-limited` and takes nothing if the bucket has less than `cost`. */
  take(name: string, cost: number): void {
    const now = this.#clock.now()
    const spent = spend(this.#rate, this.#held.get(name), cost, now)
    this.#held.set(name, spent.bucket)
    if (++this.#writes % SWEEP_EVERY === 0) this.#sweep(now)
    if (!spent.ok) throw new DchatError('transport/rate-limited', { retryAfter: spent.retryAfter })
  }

  #sweep(now: number): void {
    for (const [name, bucket] of this.#held) if (isFull(this.#rate, bucket, now)) this.#held.delete(name)
  }
}
