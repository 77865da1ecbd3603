import { isDchatError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { LinkState, RelayLink, Transport } from '../ports/transport.ts'
import type { RelayUrl } from '../records/ids.ts'
import type { Abortable } from '../util/abort.ts'
import { Broadcast } from '../util/broadcast.ts'

/** ms that work waits for a relay, counted from when it went. */
const PATIENCE = 5_000
/** ms that work waits for one that went long ago, or that refuses while another one answers: it may be coming back just now. */
const LEAST = 1_000

/** In their order, but for those that are known to be away. */
export const answeringFirst = (links: Pick<LinkPool, 'downFor'>, relays: readonly RelayUrl[]): readonly RelayUrl[] =>
  [...relays].sort((a, b) => Math.sign(links.downFor(a)) - Math.sign(links.downFor(b)))

/** One link for each relay that this client talks to, opened at the first use. */
export class LinkPool {
  readonly #links = new Map<RelayUrl, RelayLink>()
  readonly #states = new Broadcast<{ relay: RelayUrl; state: LinkState }>()
  readonly #transport: Transport
  /** Since when (ms) a relay cannot be reached that this client talks to. */
  readonly #down = new Map<RelayUrl, number>()
  /** Tried in vain since they were reached last. */
  readonly #away = new Set<RelayUrl>()
  readonly #clock: Pick<Clock, 'now'>
  #closed = false

  constructor(transport: Transport, clock: Pick<Clock, 'now'>) {
    this.#transport = transport
    this.#clock = clock
  }

  get(relay: RelayUrl): RelayLink {
    const known = this.#links.get(relay)
    if (known !== undefined) return known
    const link = this.#transport.link(relay)
    this.#links.set(relay, link)
    this.#down.set(relay, this.#clock.now())
    void this.#watch(link)
    return link
  }

  /**
   * Waits for a relay as long as what needs it may be held up: 5 s since it went, and 1 s once that is over. Rejects with
   * `transport/unreachable`.
   */
  async reach(relay: RelayUrl, { signal }: Abortable = {}): Promise<void> {
    const link = this.get(relay)
    try {
      await link.ready({ timeout: LEAST, ...(signal && { signal }) })
    } catch (error) {
      const left = PATIENCE - LEAST - this.downFor(relay)
      const refuses = link.state.state === 'waiting' && this.list().some(({ state }) => state.state === 'ready')
      if (refuses || left <= 0 || !isDchatError(error, 'transport/unreachable')) throw error
      await link.ready({ timeout: left, ...(signal && { signal }) })
    }
  }

  /** The key of the relay, once the link is ready. */
  async relayKey(relay: RelayUrl, options: Abortable & { timeout?: number } = {}): Promise<Uint8Array> {
    const link = this.get(relay)
    while (true) {
      await link.ready(options)
      if (link.state.state === 'ready') return link.state.relayKey
      options.signal?.throwIfAborted()
    }
  }

  /** ms for which a relay has not been reached; 0: it can be, or nobody has asked for it. */
  downFor(relay: RelayUrl): number {
    const since = this.#down.get(relay)
    if (since === undefined) return 0
    const now = this.#clock.now()
    // A clock that was put back tells nothing: the time counts from now on.
    if (now < since) this.#down.set(relay, now)
    return Math.max(1, now - since)
  }

  /** Whether a relay went, or did not answer, and has not been reached since. */
  isAway(relay: RelayUrl): boolean {
    return this.#away.has(relay)
  }

  list(): readonly { relay: RelayUrl; state: LinkState }[] {
    return [...this.#links].map(([relay, link]) => ({ relay, state: link.state }))
  }

  states(options?: Abortable): AsyncIterable<{ relay: RelayUrl; state: LinkState }> {
    return this.#states.stream(options)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await Promise.all([...this.#links.values()].map((link) => link.close()))
    this.#states.close()
  }

  async #watch(link: RelayLink): Promise<void> {
    for await (const state of link.states()) {
      const { relay } = link
      if (state.state === 'waiting') this.#away.add(relay)
      if (state.state === 'ready') this.#away.delete(relay)
      if (state.state === 'ready') this.#down.delete(relay)
      else if (!this.#down.has(relay)) this.#down.set(relay, this.#clock.now())
      this.#states.emit({ relay, state })
    }
  }
}
