import type { Clock } from '../../ports/clock.ts'

/**
 * Finds out that a connection is dead though nobody said so. After `interval` ms of silence it pings, and if the next
 * `interval` is silent too, it gives up. It counts what was heard rather than time, so a machine that was asleep asks
 * first instead of dropping a live connection.
 */
export class Heartbeat {
  readonly #stop = new AbortController()
  readonly #clock: Clock
  #heardAt: number

  constructor(clock: Clock, interval: number, ping: () => void, dead: () => void) {
    this.#clock = clock
    this.#heardAt = clock.now()
    void this.#run(interval, ping, dead)
  }

  /** To be called for every frame that arrives. */
  heard(): void {
    this.#heardAt = this.#clock.now()
  }

  stop(): void {
    this.#stop.abort()
  }

  async #run(interval: number, ping: () => void, dead: () => void): Promise<void> {
    const options = { signal: this.#stop.signal }
    try {
      while (true) {
        const rest = this.#heardAt + interval - this.#clock.now()
        if (rest > 0) await this.#clock.sleep(rest, options)
        else {
          const before = this.#heardAt
          ping()
          await this.#clock.sleep(interval, options)
          if (this.#heardAt === before) return dead()
        }
      }
    } catch {
      // Stopped.
    }
  }
}
