import type { Abortable } from './abort.ts'

/** One producer, any number of listeners; each listener gets every value that comes after it began to listen. */
export class Broadcast<T> {
  readonly #listeners = new Set<(value: T) => void>()
  readonly #ends = new Set<() => void>()
  #closed = false

  emit(value: T): void {
    for (const listener of [...this.#listeners]) listener(value)
  }

  /** Calls back synchronously; returns the way to stop. */
  on(listener: (value: T) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Ends every iteration. */
  close(): void {
    this.#closed = true
    for (const end of [...this.#ends]) end()
  }

  /** Listens from the call on, not from the first `next`, so nothing between the two is missed. */
  stream({ signal }: Abortable = {}): AsyncIterableIterator<T> {
    const queue: T[] = []
    let wake: (() => void) | undefined
    let done = this.#closed
    const end = () => {
      done = true
      this.#ends.delete(end)
      stop()
      signal?.removeEventListener('abort', end)
      wake?.()
    }
    const stop = this.on((value) => {
      queue.push(value)
      wake?.()
    })
    this.#ends.add(end)
    if (signal?.aborted || done) end()
    else signal?.addEventListener('abort', end, { once: true })
    const iterator: AsyncIterableIterator<T> = {
      async next() {
        while (queue.length === 0 && !done) await new Promise<void>((resolve) => (wake = resolve))
        signal?.throwIfAborted()
        return queue.length > 0 ? { value: queue.shift() as T, done: false } : { value: undefined, done: true }
      },
      async return() {
        end()
        return { value: undefined, done: true }
      },
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }
}
