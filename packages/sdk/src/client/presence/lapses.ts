import type { Clock } from '../../ports/clock.ts'

/** What is over after a while unless it is renewed. Nothing looks at the time, so a clock that jumps ends nothing early. */
export class Lapses {
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #running = new Map<string, AbortController>()

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock
    this.#signal = signal
  }

  has(key: string): boolean {
    return this.#running.has(key)
  }

  /** Begins, or begins anew. `over` runs unless it is renewed or cancelled before. */
  renew(key: string, ms: number, over: () => void): void {
    this.cancel(key)
    const running = new AbortController()
    this.#running.set(key, running)
    this.#clock.sleep(ms, { signal: AbortSignal.any([this.#signal, running.signal]) }).then(
      () => {
        if (this.#running.get(key) !== running) return
        this.#running.delete(key)
        over()
      },
      () => undefined,
    )
  }

  /** True if it was running. */
  cancel(key: string): boolean {
    this.#running.get(key)?.abort()
    return this.#running.delete(key)
  }
}
