import { DchatError, isDchatError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Abortable } from '../../util/abort.ts'
import { Latch, within } from '../../util/wait.ts'
import type { Client } from '../client.ts'

type Waiting = Abortable & { readonly timeout?: number }

const TIMEOUT = 30_000
const PAUSE = { first: 1_000, longest: 30_000 }

/**
 * Connects one client for all tabs: each waits as long as it likes, and none that gives up takes the connection from the
 * others. Once begun it is tried until it works: whoever takes the store over connects without being asked.
 */
export class Connector {
  readonly #client: Client
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #connected = new Latch()
  #wanted = false
  #attempt: Promise<void> | undefined
  #failure: DchatError | undefined

  constructor(client: Client, clock: Clock, signal: AbortSignal) {
    this.#client = client
    this.#clock = clock
    this.#signal = signal
  }

  /** Whether anybody has asked for it. */
  get wanted(): boolean {
    return this.#wanted
  }

  /** Begins, and does not wait. */
  start(): void {
    this.#wanted = true
    if (this.#attempt !== undefined || this.#connected.isOpen) return
    const attempt = this.#connect()
    this.#attempt = attempt
    // Who waits is told; where nobody does, the next `connect` tries again.
    attempt.catch(() => undefined).finally(() => (this.#attempt = undefined))
  }

  async connect({ signal, timeout = TIMEOUT }: Waiting): Promise<void> {
    if (this.#connected.isOpen) return
    this.start()
    const attempt = this.#attempt as Promise<void>
    if (await within(this.#clock, timeout, () => attempt, { signal: this.#either(signal) })) return
    throw this.#failure ?? this.#unreachable()
  }

  async sync(options: Waiting): Promise<void> {
    if (!this.#connected.isOpen) return this.connect(options)
    await this.#client.sync(options)
  }

  async #connect(): Promise<void> {
    for (let pause = PAUSE.first; ; pause = Math.min(2 * pause, PAUSE.longest)) {
      try {
        await this.#client.connect({ signal: this.#signal })
        this.#connected.open()
        return
      } catch (error) {
        this.#signal.throwIfAborted()
        if (!isDchatError(error) || !error.retryable) throw error
        this.#failure = error
      }
      await this.#clock.sleep(pause, { signal: this.#signal })
    }
  }

  #either(signal: AbortSignal | undefined): AbortSignal {
    return signal === undefined ? this.#signal : AbortSignal.any([this.#signal, signal])
  }

  #unreachable(): DchatError {
    const relay = this.#client.relays()[0] ?? 'of this identity'
    return new DchatError('transport/unreachable', { relay, reason: 'no answer in time' })
  }
}
