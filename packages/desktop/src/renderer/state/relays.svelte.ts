import type { Client, RelayHealth, RelayUrl } from '@dchat/sdk'
import { follow } from '../lib/follow.ts'

/** How the relays of this person do, while somebody looks at them. */
export class Relays {
  #known = $state.raw<readonly RelayHealth[]>([])
  readonly #client: Client
  readonly #over = new AbortController()
  readonly #failed: (error: unknown) => void

  constructor(client: Client, failed: (error: unknown) => void) {
    this.#client = client
    this.#failed = failed
    const { signal } = this.#over
    void follow(
      (stop) => client.links.healthStream({ signal: stop }),
      signal,
      (known) => {
        this.#known = known
      },
      failed,
    )
    void follow(
      (stop) => client.events({ signal: stop }),
      signal,
      async ({ type }) => {
        if (type === 'home-relays' || type === 'owner-changed') await this.refresh()
      },
      failed,
    )
  }

  /** Where this person is at home, the first one first. */
  get homes(): readonly RelayHealth[] {
    return this.#known.filter(({ home }) => home)
  }

  /** Those of conversations, and those that were left and are still read. */
  get others(): readonly RelayHealth[] {
    return this.#known.filter(({ home }) => !home)
  }

  async refresh(): Promise<void> {
    try {
      this.#known = await this.#client.links.health()
    } catch (error) {
      if (!this.#over.signal.aborted) this.#failed(error)
    }
  }

  /** Rejects with what the SDK says: the phrase is needed, no home relay answers, the new one does not. */
  async change(verb: 'add' | 'remove' | 'use', relay: RelayUrl, options: { phrase?: string; lost?: boolean }) {
    await this.#client.homeRelays[verb](relay, options)
    await this.refresh()
  }

  /** Shows an invitation to the relay that it is for. */
  async join(invitation: string): Promise<void> {
    await this.#client.links.join(invitation)
  }

  close(): void {
    this.#over.abort()
  }
}
