import type { Abortable } from '../util/abort.ts'

/** Time as an argument, so that a simulation can move it by hand. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after `ms`; rejects with the signal's reason when aborted. Never keeps a process alive by itself. */
  sleep(ms: number, options?: Abortable): Promise<void>
}
