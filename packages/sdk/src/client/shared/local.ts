import { isDchatError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Abortable } from '../../util/abort.ts'
import { abortable } from '../../util/wait.ts'
import type { Client } from '../client.ts'
import type { Backend, Puller } from './backend.ts'
import { Connector } from './connector.ts'
import { CALLS, type CallName, type Engine, STREAMS, type StreamName } from './methods.ts'
import type { Facts } from './protocol.ts'

/** Arguments come typed from the facade, or from another tab whose words the methods check themselves. */
type AnyCall = (engine: Engine, signal: AbortSignal, ...args: readonly unknown[]) => Promise<unknown>
type AnyStream = (engine: Engine, signal: AbortSignal, ...args: readonly unknown[]) => AsyncIterable<unknown>

/** The client of this very tab. `over` is aborted with `OwnerGone` when this tab does not have the store any more. */
export class LocalBackend implements Backend {
  readonly connector: Connector
  readonly #engine: Engine
  readonly #over: AbortSignal
  readonly #resign: () => void
  /** What goes on; a signal that each of them listened to would complain of so many. */
  readonly #open = new Set<AbortController>()

  /** `resign`: the store is somebody else's already, though nobody has said so yet. It aborts `over`. */
  constructor(client: Client, clock: Clock, over: AbortSignal, resign: () => void) {
    this.#resign = resign
    this.connector = new Connector(client, clock, over)
    this.#engine = { client, connector: this.connector }
    this.#over = over
    const end = () => {
      for (const each of [...this.#open]) each.abort(over.reason)
    }
    over.addEventListener('abort', end, { once: true })
  }

  facts(): Facts {
    const { client, connector } = this.#engine
    const { address, device } = client
    return { address, device, relays: client.relays(), links: client.links.list(), online: connector.wanted }
  }

  async call(name: CallName, args: readonly unknown[], { signal }: Abortable = {}): Promise<unknown> {
    this.#over.throwIfAborted()
    const ending = this.#until(signal)
    const run = CALLS[name] as unknown as AnyCall
    try {
      return await abortable(run(this.#engine, ending.signal, ...args), ending)
    } catch (error) {
      throw this.#meant(error)
    } finally {
      ending.release()
    }
  }

  open(name: StreamName, args: readonly unknown[]): Puller {
    const ending = this.#until(undefined)
    const begin = STREAMS[name] as unknown as AnyStream
    const items = begin(this.#engine, ending.signal, ...args)[Symbol.asyncIterator]()
    return {
      next: async () => {
        this.#over.throwIfAborted()
        try {
          const step = await abortable(items.next(), ending)
          // A client that is dropped ends its streams; they go on elsewhere.
          this.#over.throwIfAborted()
          return step
        } catch (error) {
          throw this.#meant(error)
        }
      },
      close: () => {
        ending.abort()
        ending.release()
        items.return?.()?.catch(() => undefined)
      },
    }
  }

  /** What fails because the store is gone is no answer. */
  #meant(error: unknown): unknown {
    if (isDchatError(error, 'storage/in-use')) this.#resign()
    return this.#over.aborted ? this.#over.reason : error
  }

  /** Ends with the caller's signal, and with this tab's having the store. */
  #until(signal: AbortSignal | undefined): { signal: AbortSignal; abort(): void; release(): void } {
    const ending = new AbortController()
    const cancelled = () => ending.abort(signal?.reason)
    this.#open.add(ending)
    if (this.#over.aborted) ending.abort(this.#over.reason)
    else if (signal?.aborted) cancelled()
    signal?.addEventListener('abort', cancelled, { once: true })
    return {
      signal: ending.signal,
      abort: () => ending.abort(),
      release: () => {
        this.#open.delete(ending)
        signal?.removeEventListener('abort', cancelled)
      },
    }
  }
}
