import type { Scheduler } from './scheduler.ts'

interface Waiter {
  /** The time at which it stops waiting. */
  readonly until: number
  /** True once what it waits for is there. */
  isDone(): boolean
  wake(): void
}

/** One turn of the event loop: everything that can go on without time has gone on. */
const quiescence = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/**
 * Moves time while somebody waits for it, one event after the other. Whoever is woken goes on before the next event, so
 * the order of everything follows from the order of the events.
 */
export class Driver {
  readonly #scheduler: Scheduler
  readonly #waiters = new Set<Waiter>()
  #running = false
  #failure: unknown

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler
  }

  /** Resolves at `until`, or as soon as `isDone` after an event. */
  wait(until: number, isDone: () => boolean = () => false): Promise<void> {
    const woken = new Promise<void>((wake) => this.#waiters.add({ until, isDone, wake }))
    if (!this.#running) void this.#run()
    return woken.then(() => {
      if (this.#failure !== undefined) throw this.#failure
    })
  }

  /** Moves time until the work settles; rejects if that takes longer than `within` ms. */
  async finish<T>(work: Promise<T>, within = 600_000): Promise<T> {
    let settled = false
    const end = () => {
      settled = true
    }
    work.then(end, end)
    await this.wait(this.#scheduler.now + within, () => settled)
    if (!settled) throw new Error(`not finished within ${within} ms of simulated time`)
    return work
  }

  async #run(): Promise<void> {
    this.#running = true
    try {
      while (true) {
        await quiescence()
        if (this.#wake()) continue
        if (this.#waiters.size === 0) return
        const horizon = Math.min(...[...this.#waiters].map(({ until }) => until))
        const next = this.#scheduler.next()
        if (next === undefined || next > horizon) this.#scheduler.pass(horizon)
        else this.#scheduler.step()
      }
    } catch (error) {
      // An event of the world itself failed: nothing after it could be believed.
      this.#failure = error
      for (const waiter of this.#waiters) waiter.wake()
      this.#waiters.clear()
    } finally {
      this.#running = false
    }
  }

  /** Wakes those who are done; true if there were any. */
  #wake(): boolean {
    const { now } = this.#scheduler
    const next = this.#scheduler.next()
    // What is due at the very end of a wait still belongs to it.
    const isOver = (until: number) => until < now || (until === now && (next === undefined || next > now))
    const ready = [...this.#waiters].filter((waiter) => waiter.isDone() || isOver(waiter.until))
    for (const waiter of ready) {
      this.#waiters.delete(waiter)
      waiter.wake()
    }
    return ready.length > 0
  }
}
