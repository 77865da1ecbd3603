import type { Clock } from '../../ports/clock.ts'

/** Real time. Its timers never keep a process alive by themselves. */
export const systemClock = (): Clock => ({
  now: () => Date.now(),
  sleep: (ms, { signal } = {}) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason)
        return
      }
      const stop = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      // A timer cannot wait longer than 2^31 - 1 ms.
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', stop)
          resolve()
        },
        Math.min(ms, 2 ** 31 - 1),
      )
      // A browser's timer is a number.
      if (typeof timer === 'object') timer.unref()
      signal?.addEventListener('abort', stop, { once: true })
    }),
})
