import { type Clock, DchatError } from '@dchat/sdk/wire'
import type { Rate } from './limits.ts'
import { type Bucket, isFull, spend } from './rate-limit.ts'

const SWEEP_EVERY = 1024
/** Names that are held at most. Beyond it the one that was used least recently is forgotten: it counts as full. */
const NAMES = 100_000

/** Buckets by name, with only those in memory that are not full. */
export class Buckets {
  readonly #rate: Rate
  readonly #clock: Clock
  /** Used least recently first. */
  readonly #held = new Map<string, Bucket>()
  readonly #refused: (() => void) | undefined
  #writes = 0

  /** `refused` hears of everything that was not let through. */
  constructor(rate: Rate, clock: Clock, refused?: () => void) {
    this.#rate = rate
    this.#clock = clock
    this.#refused = refused
  }

  get size(): number {
    return this.#held.size
  }

  /**
   * Throws `transport/rate-limited` and takes nothing if the bucket has less than `cost`. `full`, from 0 to 1: that share
   * of the burst has to be left.
   */
  take(name: string, cost: number, full = 0): void {
    const retryAfter = this.#spend(name, cost, full)
    if (retryAfter === undefined) return
    this.#refused?.()
    throw new DchatError('transport/rate-limited', { retryAfter })
  }

  /** The same for what can be done in another way: false if there is too little. */
  mayTake(name: string, cost: number): boolean {
    return this.#spend(name, cost, 0) === undefined
  }

  #spend(name: string, cost: number, full: number): number | undefined {
    const now = this.#clock.now()
    const spent = spend(this.#rate, this.#held.get(name), cost, now, full * this.#rate.burst)
    this.#held.delete(name)
    this.#held.set(name, spent.bucket)
    if (++this.#writes % SWEEP_EVERY === 0) this.#sweep(now)
    if (this.#held.size > NAMES) this.#held.delete(this.#held.keys().next().value as string)
    return spent.ok ? undefined : spent.retryAfter
  }

  #sweep(now: number): void {
    for (const [name, bucket] of this.#held) if (isFull(this.#rate, bucket, now)) this.#held.delete(name)
  }
}
