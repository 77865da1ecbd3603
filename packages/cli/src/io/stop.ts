/**
 * The reason why the whole program is ending early: a signal, a reader of stdout that went away, or (1) a result that was
 * printed and says no. Not a failure: nothing more is said.
 */
export class Stopped extends Error {
  override readonly name = 'AbortError'

  constructor(readonly exit: 0 | 1 | 130 | 143) {
    super('stopped')
  }
}

export const isStopped = (error: unknown): error is Stopped => error instanceof Stopped
