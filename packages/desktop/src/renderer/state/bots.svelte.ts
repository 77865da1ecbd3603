import type { Address, BotManifest, Client } from '@dchat/sdk'
import { isDchatError } from '@dchat/sdk'
import { SvelteMap } from 'svelte/reactivity'
import type { Connection } from './connection.svelte.ts'

/**
 * What bots say of themselves. It stands at their relays, so nobody is asked about but whom this person begins to write
 * with or to ask something; each once.
 */
export class Bots {
  readonly #client: Client
  readonly #connection: Connection
  readonly #failed: (error: unknown) => void
  readonly #known = new SvelteMap<Address, BotManifest>()
  readonly #asked = new Set<Address>()

  constructor(client: Client, connection: Connection, failed: (error: unknown) => void) {
    this.#client = client
    this.#connection = connection
    this.#failed = failed
  }

  /** What is known already. */
  known(address: Address): BotManifest | undefined {
    return this.#known.get(address)
  }

  /** undefined for people, and until it is read: components that ask are drawn again then. */
  manifest(address: Address): BotManifest | undefined {
    if (this.#connection.online && !this.#asked.has(address)) void this.#read(address)
    return this.#known.get(address)
  }

  /** As it was accepted in a conversation. */
  note(address: Address, manifest: BotManifest): void {
    if (!this.#known.has(address)) this.#known.set(address, manifest)
  }

  /** Reads what a bot says now, to be accepted; undefined: it is none. Throws as `client.bots.manifest` does. */
  async read(address: Address): Promise<BotManifest | undefined> {
    const manifest = await this.#client.bots.manifest(address)
    if (manifest === undefined) this.#known.delete(address)
    else this.#known.set(address, manifest)
    return manifest
  }

  async #read(address: Address): Promise<void> {
    this.#asked.add(address)
    try {
      await this.read(address)
    } catch (error) {
      // Whoever cannot be reached is looked up when they are looked at again.
      this.#asked.delete(address)
      const isAway = isDchatError(error) && /^(?:transport|relay)\//.test(error.code)
      if (!isAway && !isDchatError(error, 'identity/unknown-peer')) this.#failed(error)
    }
  }
}
