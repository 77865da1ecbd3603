import type { LinkState, RelayLink, Transport } from '../ports/transport.ts'
import type { RelayUrl } from '../records/ids.ts'
import type { Abortable } from '../util/abort.ts'
import { Broadcast } from '../util/broadcast.ts'

/** One link for each relay that this client talks to, opened at the first use. */
export class LinkPool {
  readonly #links = new Map<RelayUrl, RelayLink>()
  readonly #states = new Broadcast<{ relay: RelayUrl; state: LinkState }>()
  readonly #transport: Transport
  #closed = false

  constructor(transport: Transport) {
    this.#transport = transport
  }

  get(relay: RelayUrl): RelayLink {
    const known = this.#links.get(relay)
    if (known !== undefined) return known
    const link = this.#transport.link(relay)
    this.#links.set(relay, link)
    void this.#watch(link)
    return link
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
    for await (const state of link.states()) this.#states.emit({ relay: link.relay, state })
  }
}
