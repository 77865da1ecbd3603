import type { DchatError } from '@dchat/sdk/errors'

/** What goes wrong behind the calls and must end those that wait for its outcome. */
export interface Faults {
  /** Rejects everything that waits now; false if nothing did. */
  report(error: DchatError): boolean
  /** Rejects with the next fault, or with the signal's reason; never resolves. */
  next(signal: AbortSignal): Promise<never>
}

export const createFaults = (): Faults => {
  const waiting = new Set<(error: unknown) => void>()
  return {
    report: (error) => {
      const heard = waiting.size > 0
      for (const reject of waiting) reject(error)
      return heard
    },
    next: (signal) =>
      new Promise((_, reject) => {
        const end = (error: unknown): void => {
          waiting.delete(end)
          signal.removeEventListener('abort', aborted)
          reject(error)
        }
        const aborted = (): void => end(signal.reason)
        waiting.add(end)
        signal.addEventListener('abort', aborted)
        if (signal.aborted) aborted()
      }),
  }
}
