/** The reason why the whole program is ending early: a signal, or a reader of stdout that went away. Not a failure. */
export class Stopped extends Error {
  override readonly name = 'AbortError'

  constructor(readonly exit: 0 | 130 | 143) {
    super('stopped')
  }
}

export const isStopped = (error: unknown): error is Stopped => error instanceof Stopped
