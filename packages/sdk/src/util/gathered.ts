import type { Abortable } from './abort.ts'
import type { Broadcast } from './broadcast.ts'

/**
 * What a broadcast tells from the call on; what comes while nobody waits is put together, each once. Ends with the signal.
 */
export const gathered = <T>(from: Broadcast<readonly T[]>, { signal }: Abortable = {}) => {
  let pending = new Set<T>()
  let wake: (() => void) | undefined
  let done = false
  const stop = from.on((values) => {
    for (const value of values) pending.add(value)
    wake?.()
  })
  const end = (): void => {
    done = true
    stop()
    signal?.removeEventListener('abort', end)
    wake?.()
  }
  if (signal?.aborted) end()
  else signal?.addEventListener('abort', end, { once: true })
  return {
    /** undefined once it is over. */
    next: async (): Promise<ReadonlySet<T> | undefined> => {
      while (pending.size === 0 && !done) await new Promise<void>((resolve) => (wake = resolve))
      if (done) return undefined
      const values = pending
      pending = new Set()
      return values
    },
    end,
  }
}
