import type { Clock } from '../../ports/clock.ts'
import { sleptThroughJump } from './attentive-sleep.ts'

/** ms that a peer may take to answer when there is a reason to doubt the connection. */
const PATIENCE = 5_000

/**
 * Finds out that a connection is dead though nobody said so. After `interval` ms of silence it pings, and if the next
 * `interval` is silent too, it gives up. With a reason to doubt (`check`, or time that jumped because the machine was
 * asleep) it pings at once and gives up after a few seconds. It counts what was heard rather than time: nobody is given
 * up for a silence during which this program did not run.
 */
export class Heartbeat {
  readonly #stop = new AbortController()
  readonly #clock: Clock
  #heardAt: number
  #frames = 0
  /** Frames that had arrived when the question went out that has no answer yet. */
  #askedAfter: number | undefined
  #doubt = false
  #prompt = false
  #rest = new AbortController()

  constructor(clock: Clock, interval: number, ping: () => void, dead: () => void) {
    this.#clock = clock
    this.#heardAt = clock.now()
    void this.#run(interval, ping, dead)
  }

  /** There is a question, and nothing was heard since. */
  get unanswered(): boolean {
    return this.#doubt || this.#silent
  }

  /** To be called for every frame that arrives. */
  heard(): void {
    this.#heardAt = this.#clock.now()
    this.#frames += 1
  }

  /** There is a reason to doubt the connection: asks at once, unless that is being done. */
  check(): void {
    if (this.#prompt && this.#silent) return
    this.#doubt = true
    this.#rest.abort()
  }

  stop(): void {
    this.#stop.abort()
    this.#rest.abort()
  }

  /** A ping is on its way without an answer. */
  get #silent(): boolean {
    return this.#askedAfter === this.#frames
  }

  async #run(interval: number, ping: () => void, dead: () => void): Promise<void> {
    let again = false
    while (!this.#stop.signal.aborted) {
      const silent = this.#clock.now() - this.#heardAt
      if (!this.#doubt && silent >= 0 && silent < interval) {
        await this.#sleep(interval - silent)
        continue
      }
      this.#prompt = this.#doubt
      this.#doubt = false
      this.#askedAfter = this.#frames
      ping()
      await this.#sleep(this.#prompt ? Math.min(PATIENCE, interval) : interval)
      if (this.#stop.signal.aborted) return
      // A doubt that arose meanwhile asks once more. Not for ever: the timers of a hidden page are late all the time.
      if (this.#silent && (again || !this.#doubt)) return dead()
      again = this.#silent
      this.#askedAfter = undefined
    }
  }

  /** Ends early for a doubt, and is one if time jumped. */
  async #sleep(ms: number): Promise<void> {
    if (this.#doubt || this.#stop.signal.aborted) return
    this.#rest = new AbortController()
    try {
      if (await sleptThroughJump(this.#clock, ms, { signal: this.#rest.signal })) this.#doubt = true
    } catch {
      // Stopped, or there is a doubt.
    }
  }
}
