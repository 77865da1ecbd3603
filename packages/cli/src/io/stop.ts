/**
 * The reason why the whole program is ending early: a signal, a reader of stdout that went away, or a result that was printed and
 * says no (1), or that a relay is not to be trusted (6). Not a failure: nothing more is said.
 */
export class Stopped extends Error {
  override readonly name = 'AbortError'

  constructor(readonly exit: 0 | 1 | 6 | 130 | 143) {
    super('stopped')
  }
}

export const isStopped = (error: unknown): error is Stopped => error instanceof Stopped
