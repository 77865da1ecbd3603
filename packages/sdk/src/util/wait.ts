import type { Abortable } from './abort.ts'

/** The promise, or the signal's reason as soon as it is aborted. */
export const abortable = <T>(promise: Promise<T>, { signal }: Abortable): Promise<T> => {
  if (signal === undefined) return promise
  return new Promise<T>((resolve, reject) => {
    const stop = () => reject(signal.reason)
    if (signal.aborted) {
      promise.catch(() => undefined)
      stop()
      return
    }
    signal.addEventListener('abort', stop, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

/** Waits for the work, at most `ms`: true if it came to its end. What is left of the two is cancelled. */
export const within = async (
  clock: { sleep(ms: number, options?: Abortable): Promise<void> },
  ms: number,
  work: (signal: AbortSignal) => Promise<unknown>,
  { signal }: Abortable = {},
): Promise<boolean> => {
  const over = new AbortController()
  const both = AbortSignal.any([over.signal, ...(signal === undefined ? [] : [signal])])
  const attempts = [work(both).then(() => true), clock.sleep(ms, { signal: both }).then(() => false)]
  for (const attempt of attempts) attempt.catch(() => undefined)
  try {
    return await Promise.race(attempts)
  } finally {
    over.abort()
  }
}

/** A flag that can be waited for. */
export class Latch {
  #open = false
  #waiting: (() => void)[] = []

  get isOpen(): boolean {
    return this.#open
  }

  open(): void {
    this.#open = true
    for (const wake of this.#waiting.splice(0)) wake()
  }

  shut(): void {
    this.#open = false
  }

  wait(options: Abortable = {}): Promise<void> {
    if (this.#open) return Promise.resolve()
    return abortable(new Promise<void>((resolve) => this.#waiting.push(resolve)), options)
  }
}

/** Resolves with the first that succeeds; rejects with the last failure when none does. */
export const firstOf = async (attempts: readonly Promise<void>[]): Promise<void> => {
  try {
    await Promise.any(attempts)
  } catch (error) {
    throw (error as AggregateError).errors.at(-1)
  }
}
