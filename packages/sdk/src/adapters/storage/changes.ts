import type { Table } from '../../ports/storage.ts'
import type { Abortable } from '../../util/abort.ts'

/** Tells listeners which tables a committed write touched; what comes while nobody waits is put together. */
export class ChangeFeed {
  readonly #listeners = new Set<(tables: Iterable<Table>) => void>()
  readonly #ends = new Set<() => void>()
  #closed = false

  committed(tables: Iterable<Table>): void {
    for (const listener of [...this.#listeners]) listener(tables)
  }

  close(): void {
    this.#closed = true
    for (const end of [...this.#ends]) end()
  }

  listen(wanted: readonly Table[], { signal }: Abortable = {}): AsyncIterableIterator<ReadonlySet<Table>> {
    let pending = new Set<Table>()
    let wake: (() => void) | undefined
    let listening = false
    let done = false
    const listener = (tables: Iterable<Table>) => {
      for (const table of tables) if (wanted.includes(table)) pending.add(table)
      if (pending.size > 0) wake?.()
    }
    const end = () => {
      done = true
      this.#listeners.delete(listener)
      this.#ends.delete(end)
      signal?.removeEventListener('abort', end)
      wake?.()
    }
    const begin = () => {
      if (listening) return
      listening = true
      if (done) return
      this.#listeners.add(listener)
      this.#ends.add(end)
      if (signal?.aborted || this.#closed) end()
      else signal?.addEventListener('abort', end, { once: true })
    }
    const iterator: AsyncIterableIterator<ReadonlySet<Table>> = {
      next: async () => {
        begin()
        while (pending.size === 0 && !done) await new Promise<void>((resolve) => (wake = resolve))
        if (pending.size === 0) return { value: undefined, done: true }
        const value = pending
        pending = new Set()
        return { value, done: false }
      },
      return: async () => {
        end()
        return { value: undefined, done: true }
      },
      [Symbol.asyncIterator]: () => iterator,
    }
    return iterator
  }
}
