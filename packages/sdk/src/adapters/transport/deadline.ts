import type { Clock } from '../../ports/clock.ts'
import type { Abortable } from '../../util/abort.ts'

/**
 * Runs `work` with a signal that is aborted by the caller's signal (with its reason, untouched) or after `timeout` ms
 * (with the error of `late`). Without a timeout the caller's signal is passed on as it is.
 */
export const withDeadline = async <T>(
  clock: Clock,
  { signal, timeout }: Abortable & { readonly timeout?: number | undefined },
  late: () => Error,
  work: (signal: AbortSignal | undefined) => Promise<T>,
): Promise<T> => {
  signal?.throwIfAborted()
  if (timeout === undefined) return work(signal)
  const joined = new AbortController()
  const timer = new AbortController()
  const cancel = () => joined.abort(signal?.reason)
  signal?.addEventListener('abort', cancel, { once: true })
  clock.sleep(timeout, { signal: timer.signal }).then(
    () => joined.abort(late()),
    () => undefined,
  )
  try {
    return await work(joined.signal)
  } finally {
    timer.abort()
    signal?.removeEventListener('abort', cancel)
  }
}
