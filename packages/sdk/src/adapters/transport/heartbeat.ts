import type { Clock } from '../../ports/clock.ts'

/**
 * Finds out that a connection is dead though nobody said so. After `interval` ms of silence it pings, and if the next
 * `interval` is silent too, it gives up. It counts what was heard rather than time, so a machine that was asleep asks
 * first instead of dropping a live connection, and one whose clock was put back asks at once.
 */
export class Heartbeat {
  readonly #stop = new AbortController()
  readonly #clock: Clock
  #heardAt: number
  #frames = 0

  constructor(clock: Clock, interval: number, ping: () => void, dead: () => void) {
    this.#clock = clock
    this.#heardAt = clock.now()
    void this.#run(interval, ping, dead)
  }

  /** To be called for every frame that arrives. */
  heard(): void {
    this.#heardAt = this.#clock.now()
    this.#frames += 1
  }

  stop(): void {
    this.#stop.abort()
  }

  async #run(interval: number, ping: () => void, dead: () => void): Promise<void> {
    const options = { signal: this.#stop.signal }
    try {
      while (true) {
        const silent = this.#clock.now() - this.#heardAt
        if (silent >= 0 && silent < interval) await this.#clock.sleep(interval - silent, options)
        else {
          const before = this.#frames
          ping()
          await this.#clock.sleep(interval, options)
          if (this.#frames === before) return dead()
        }
      }
    } catch {
      // Stopped.
    }
  }
}
