import { DchatError, isDchatError } from '../../errors.ts'
import { decodeError } from '../../protocol/wire/error-codec.ts'
import { parseResult } from '../../protocol/wire/method-codec.ts'
import type { Method, Result } from '../../protocol/wire/methods.ts'
import type { RelayUrl } from '../../records/ids.ts'

interface Pending {
  readonly method: Method
  readonly resolve: (result: never) => void
  readonly reject: (error: unknown) => void
}

/** The requests of one connection that wait for an answer. */
export class Requests {
  readonly #pending = new Map<number, Pending>()
  readonly #relay: RelayUrl

  constructor(relay: RelayUrl) {
    this.#relay = relay
  }

  /** `cancel` is called if the signal ends the wait before the answer does. */
  wait<M extends Method>(
    id: number,
    method: M,
    signal: AbortSignal | undefined,
    cancel: () => void,
  ): Promise<Result<M>> {
    return new Promise<Result<M>>((resolve, reject) => {
      const stop = () => {
        this.#pending.delete(id)
        reject(signal?.reason)
        cancel()
      }
      const settled = () => signal?.removeEventListener('abort', stop)
      signal?.addEventListener('abort', stop, { once: true })
      this.#pending.set(id, {
        method,
        resolve: (result: Result<M>) => {
          settled()
          resolve(result)
        },
        reject: (error) => {
          settled()
          reject(error)
        },
      })
    })
  }

  /** An answer to nothing is late (the request was cancelled) and is ignored. */
  succeed(id: number, result: unknown): void {
    const pending = this.#take(id)
    if (!pending) return
    try {
      pending.resolve(parseResult(pending.method, result) as never)
    } catch (error) {
      pending.reject(
        isDchatError(error)
          ? error
          : new DchatError('protocol/malformed', { format: 'result', reason: 'it cannot be read' }),
      )
    }
  }

  fail(id: number, code: string, details: unknown): void {
    this.#take(id)?.reject(decodeError(code, details, this.#relay))
  }

  failAll(error: DchatError): void {
    const all = [...this.#pending.values()]
    this.#pending.clear()
    for (const { reject } of all) reject(error)
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id)
    this.#pending.delete(id)
    return pending
  }
}
