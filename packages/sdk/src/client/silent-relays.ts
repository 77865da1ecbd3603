import { DchatError, isDchatError } from '../errors.ts'
import type { RelayUrl } from '../records/ids.ts'
import { Latch } from '../util/wait.ts'
import type { Core } from './core.ts'

/** ms of waiting after which a relay is asked whether it answers, and in which it has to. */
const DOUBT = 5_000
const ANSWER = 10_000
/** ms without a connection after which nothing waits for it any more. */
const AWAY = 15_000
/** ms that is waited for what may need any relay, once one is known to be silent. */
const REST = 2_000

/**
 * Relays that take connections and say nothing any more, while somebody waits for all of them: what waits for such a one is
 * given up, and the rest goes on. One that is busy answers a question that costs nothing.
 */
export class SilentRelays {
  readonly #core: Pick<Core, 'links' | 'clock'>
  readonly #signal: AbortSignal
  readonly #over = new Map<RelayUrl, AbortController>()
  readonly #found = new Latch()
  #first: DchatError | undefined

  /** Looks until the signal. */
  constructor(core: Pick<Core, 'links' | 'clock'>, signal: AbortSignal) {
    this.#core = core
    this.#signal = signal
    this.#watch().catch(() => undefined)
  }

  /** The first that was found: `transport/unreachable`. */
  get first(): DchatError | undefined {
    return this.#first
  }

  /** Aborted when the relay is found to be silent, or is away for long, and with the whole. */
  signalOf(relay: RelayUrl): AbortSignal {
    return AbortSignal.any([this.#signal, this.#overOf(relay).signal])
  }

  /** Waits for work that may need any relay. */
  async rest(work: Promise<unknown>): Promise<void> {
    const options = { signal: this.#signal }
    const given = this.#found.wait(options).then(() => this.#core.clock.sleep(REST, options))
    await Promise.race([work, given])
  }

  #overOf(relay: RelayUrl): AbortController {
    const over = this.#over.get(relay) ?? new AbortController()
    this.#over.set(relay, over)
    return over
  }

  async #watch(): Promise<void> {
    const { links, clock } = this.#core
    while (!this.#signal.aborted) {
      await clock.sleep(DOUBT, { signal: this.#signal })
      await Promise.all(links.list().map(({ relay }) => this.#ask(relay)))
    }
  }

  async #ask(relay: RelayUrl): Promise<void> {
    const { links } = this.#core
    const link = links.get(relay)
    const over = this.#overOf(relay)
    if (over.signal.aborted) return
    if (link.state.state !== 'ready') {
      if (links.downFor(relay) > AWAY) over.abort(unreachable(relay, 'it does not answer'))
      return
    }
    try {
      await link.request('relay.info', {}, { signal: this.#signal, timeout: ANSWER })
    } catch (error) {
      // A connection that was lost meanwhile is made anew: who waits for it knows how long.
      if (!isDchatError(error, 'transport/unreachable') || link.state.state !== 'ready') return
      const silent = unreachable(relay, 'it takes connections and answers nothing')
      this.#first ??= silent
      over.abort(silent)
      this.#found.open()
    }
  }
}

export const unreachable = (relay: RelayUrl, reason: string): DchatError =>
  new DchatError('transport/unreachable', { relay, reason })
