import type { Client, Listing } from '@dchat/sdk'
import { SvelteMap } from 'svelte/reactivity'
import { follow } from '../lib/follow.ts'

/** What this person sells. Nothing is read before somebody looks. */
export class Listings {
  readonly #all = new SvelteMap<string, Listing>()
  #loaded = $state(false)
  #begin: (() => void) | undefined

  constructor(client: Client, signal: AbortSignal, failed: (error: unknown) => void) {
    const take = (listing: Listing): void => {
      this.#all.set(listing.id, listing)
    }
    const read = async (): Promise<void> => {
      for (const listing of await client.listings.list()) take(listing)
      this.#loaded = true
    }
    this.#begin = () => {
      void read().catch(failed)
      void follow((stop) => client.listings.stream({ signal: stop }), signal, take, failed)
    }
  }

  /** False until the store was read once: nothing can be called empty before. */
  get loaded(): boolean {
    this.#look()
    return this.#loaded
  }

  get(id: string): Listing | undefined {
    this.#look()
    return this.#all.get(id)
  }

  get list(): readonly Listing[] {
    this.#look()
    return [...this.#all.values()]
  }

  #look(): void {
    if (this.#begin === undefined) return
    // What is drawn just now must not change what it reads.
    queueMicrotask(this.#begin)
    this.#begin = undefined
  }
}
