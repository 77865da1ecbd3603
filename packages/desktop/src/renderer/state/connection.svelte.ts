import type { Client, LinkState } from '@dchat/sdk'
import { follow } from '../lib/follow.ts'

/** How this device stands with its relays. */
export class Connection {
  #links = $state.raw<ReadonlyMap<string, LinkState>>(new Map())
  /** Since when no home relay answers, ms since 1970; undefined while one does. */
  offlineSince = $state<number | undefined>(undefined)

  /** Another own device took this one out. */
  isRevoked = $state(false)

  constructor(client: Client, signal: AbortSignal, failed: (error: unknown) => void) {
    const read = (): void => {
      this.#links = new Map(client.links.list().map(({ relay, state }) => [relay, state]))
      if (this.online) this.offlineSince = undefined
      else this.offlineSince ??= Date.now()
    }
    read()
    void follow((stop) => client.links.states({ signal: stop }), signal, read, failed)
  }

  get links(): ReadonlyMap<string, LinkState> {
    return this.#links
  }

  get online(): boolean {
    return [...this.#links.values()].some((link) => link.state === 'ready')
  }
}
