import type { Clock } from '../../src/ports/clock.ts'
import type { Abortable } from '../../src/util/abort.ts'

/** Real time; its timers do not keep a process alive. */
export const realClock: Clock = {
  now: () => Date.now(),
  sleep: (ms, { signal }: Abortable = {}) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop)
        resolve()
      }, ms)
      if (typeof timer === 'object') timer.unref()
      signal?.addEventListener('abort', stop, { once: true })
    }),
}

/** Time that moves only by hand. */
export class HandClock implements Clock {
  #now = 1_700_000_000_000
  readonly #sleepers = new Set<{ until: number; wake: () => void }>()

  now(): number {
    return this.#now
  }

  sleep(ms: number, { signal }: Abortable = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const stop = () => {
        this.#sleepers.delete(sleeper)
        reject(signal?.reason)
      }
      const sleeper = {
        until: this.#now + ms,
        wake: () => {
          this.#sleepers.delete(sleeper)
          signal?.removeEventListener('abort', stop)
          resolve()
        },
      }
      this.#sleepers.add(sleeper)
      signal?.addEventListener('abort', stop, { once: true })
    })
  }

  /** The clock shows another time, and the timers know nothing of it: the machine was asleep, or somebody set the clock. */
  jump(ms: number): void {
    this.#now += ms
    for (const sleeper of this.#sleepers) sleeper.until += ms
  }

  /** Moves time from alarm to alarm, so that each sleeper wakes at its own time. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    while (true) {
      const next = [...this.#sleepers].sort((a, b) => a.until - b.until)[0]
      if (!next || next.until > end) break
      this.#now = Math.max(this.#now, next.until)
      next.wake()
      await new Promise((resolve) => setTimeout(resolve))
    }
    this.#now = end
  }
}
