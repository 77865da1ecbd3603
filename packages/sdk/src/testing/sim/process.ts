import type { Clock } from '../../ports/clock.ts'
import type { Abortable } from '../../util/abort.ts'
import type { Timer } from './scheduler.ts'
import type { SimRandom } from './types.ts'
import type { World } from './world.ts'

/** A promise that nobody ever hears of. */
export const never = <T>(): Promise<T> => new Promise<T>(() => undefined)

/** One run of a device or a relay: its clock, its randomness and the gate that a kill shuts. */
export class SimProcess {
  readonly name: string
  readonly clock: Clock
  readonly random: SimRandom
  readonly #world: World
  readonly #timers = new Set<Timer>()
  /** Writes on their way to the disk, the oldest first. */
  readonly #writes = new Set<() => void>()
  #alive = true

  constructor(world: World, name: string, incarnation: number, clockError: () => number = () => 0) {
    this.name = name
    this.random = world.random.fork(`${name}/${incarnation}`)
    this.#world = world
    this.clock = { now: () => world.scheduler.now + clockError(), sleep: (ms, options) => this.#sleep(ms, options) }
  }

  get alive(): boolean {
    return this.#alive
  }

  /**
   * Resolves when the disk would have what is written now. A kill before that resolves it too or leaves it unsettled
   * for ever, by the seed; the caller tells nobody in either case.
   */
  flushed(): Promise<void> {
    if (!this.#alive) return never()
    return new Promise((resolve) => {
      const done = () => {
        this.#writes.delete(done)
        resolve()
      }
      this.#writes.add(done)
      this.#world.touch()
      this.#after(this.random.between(...this.#world.disk), done)
    })
  }

  /** The outcome of work that needs no time, as an event: in the order of the calls, however many turns it took. */
  event<T>(work: Promise<T>): Promise<T> {
    if (!this.#alive) return never()
    let outcome: (() => void) | undefined
    return new Promise<T>((resolve, reject) => {
      work.then(
        (value) => {
          outcome = () => resolve(value)
        },
        (error: unknown) => {
          outcome = () => reject(error)
        },
      )
      this.#after(0, () => {
        if (!outcome) throw new Error('something waited for the world outside of the simulation')
        outcome()
      })
    })
  }

  /** The promise, unless the process is killed meanwhile. */
  async whileAlive<T>(work: Promise<T>): Promise<T> {
    try {
      const result = await work
      return this.#alive ? result : await never()
    } catch (error) {
      if (this.#alive) throw error
      return never()
    }
  }

  kill(): void {
    if (!this.#alive) return
    this.#alive = false
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
    // What came first is on the disk if anything after it is.
    for (const done of [...this.#writes]) {
      if (!this.random.chance(0.5)) break
      done()
    }
    this.#writes.clear()
  }

  #after(ms: number, fire: () => void): Timer {
    const timer = this.#world.scheduler.after(ms, () => {
      this.#timers.delete(timer)
      fire()
    })
    this.#timers.add(timer)
    return timer
  }

  #sleep(ms: number, { signal }: Abortable = {}): Promise<void> {
    if (!this.#alive) return never()
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = () => {
        timer.cancel()
        this.#timers.delete(timer)
        reject(signal?.reason)
      }
      const timer = this.#after(ms, () => {
        signal?.removeEventListener('abort', stop)
        resolve()
      })
      signal?.addEventListener('abort', stop, { once: true })
    })
  }
}
