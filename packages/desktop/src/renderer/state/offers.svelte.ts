import type { Client, Offer } from '@dchat/sdk'
import { SvelteMap } from 'svelte/reactivity'
import { follow } from '../lib/follow.ts'

/** All offers of this identity. Nothing is read before somebody looks. */
export class Offers {
  readonly #all = new SvelteMap<string, Offer>()
  #loaded = $state(false)
  #begin: (() => void) | undefined

  constructor(client: Client, signal: AbortSignal, failed: (error: unknown) => void) {
    this.#begin = () => {
      void this.#read(client).catch(failed)
      void follow(
        (stop) => client.offers.stream({ signal: stop }),
        signal,
        (offer) => this.#take(offer),
        failed,
      )
    }
  }

  /** False until the store was read once: no stage can be called empty before. */
  get loaded(): boolean {
    this.#look()
    return this.#loaded
  }

  get(id: string): Offer | undefined {
    this.#look()
    return this.#all.get(id)
  }

  /** Those whose terms are newest first; what is on its way stands before. */
  get list(): readonly Offer[] {
    this.#look()
    const at = ({ history }: Offer): number => history.at(-1)?.acceptedAt ?? Number.MAX_SAFE_INTEGER
    return [...this.#all.values()].toSorted((a, b) => at(b) - at(a))
  }

  #look(): void {
    if (this.#begin === undefined) return
    // What is drawn just now must not change what it reads.
    queueMicrotask(this.#begin)
    this.#begin = undefined
  }

  async #read(client: Client): Promise<void> {
    let before: string | undefined
    do {
      const page = await client.offers.list(before === undefined ? {} : { before })
      for (const offer of page.items) this.#take(offer)
      before = page.next
    } while (before !== undefined)
    this.#loaded = true
  }

  #take(offer: Offer): void {
    this.#all.set(offer.id, offer)
  }
}
