import { DchatError } from '../../errors.ts'
import type { Phase } from './link-machine.ts'
import type { Session } from './session.ts'

interface Waiter {
  readonly resolve: (session: Session) => void
  readonly reject: (error: unknown) => void
}

/** Those who wait for a link to be ready. */
export class Waiters {
  readonly #waiting = new Set<Waiter>()

  wait(signal: AbortSignal | undefined): Promise<Session> {
    return new Promise<Session>((resolve, reject) => {
      const stop = () => waiter.reject(signal?.reason)
      const leave = () => {
        this.#waiting.delete(waiter)
        signal?.removeEventListener('abort', stop)
      }
      const waiter: Waiter = {
        resolve: (session) => {
          leave()
          resolve(session)
        },
        reject: (error) => {
          leave()
          reject(error)
        },
      }
      this.#waiting.add(waiter)
      if (signal?.aborted) stop()
      else signal?.addEventListener('abort', stop, { once: true })
    })
  }

  /** Tells them what has become of the link: ready, closed, or refused for a reason that a repetition does not mend. */
  tell(phase: Phase, session: Session | undefined): void {
    for (const waiter of [...this.#waiting])
      if (phase.phase === 'ready' && session) waiter.resolve(session)
      else if (phase.phase === 'closed') waiter.reject(new DchatError('usage/closed', { what: 'link' }))
      else if (phase.phase === 'waiting' && phase.refusal) waiter.reject(phase.refusal)
  }
}
