import type { Address, Client, Person } from '@dchat/sdk'
import { shortAddress } from '@dchat/sdk'
import { SvelteMap } from 'svelte/reactivity'

const SHORT = /\bdchat1[0-9a-z]{6}…[0-9a-z]{6}\b/g

/** What is known of anybody, read when it is first looked at and again when it changes. */
export class People {
  readonly #client: Client
  readonly #known = new SvelteMap<Address, Person>()
  readonly #asked = new Set<Address>()
  readonly #said = new SvelteMap<Address, string>()
  readonly #failed: (error: unknown) => void

  constructor(client: Client, _signal: AbortSignal, failed: (error: unknown) => void) {
    this.#client = client
    this.#failed = failed
  }

  /** undefined until it is read; components that ask are drawn again then. */
  get(address: Address): Person | undefined {
    const known = this.#known.get(address)
    if (known === undefined && !this.#asked.has(address)) void this.#read(address)
    return known
  }

  /** What to call somebody: "You", a name, or a shortened address. */
  title(address: Address): string {
    if (address === this.#client.address) return 'You'
    const short = shortAddress(address)
    const title = this.get(address)?.title ?? short
    return title === short ? (this.#said.get(address) ?? short) : title
  }

  /** Words in which shortened addresses stand, as the SDK writes of what was done in a group: with names for those known. */
  named(words: string): string {
    return words.replace(SHORT, (short, at: number) => {
      if (short === shortAddress(this.#client.address)) return at === 0 ? 'You' : 'you'
      const address = [...this.#known.keys()].find((each) => shortAddress(each) === short)
      return address === undefined ? short : this.title(address)
    })
  }

  /** What somebody is called until more is known of them: as they said when they asked. */
  asked(address: Address, name: string): void {
    this.#said.set(address, name)
  }

  /** Read again what is known of this person. */
  forget(address: Address): void {
    if (this.#asked.has(address)) void this.#read(address)
  }

  forgetAll(): void {
    for (const address of this.#asked) void this.#read(address)
  }

  async #read(address: Address): Promise<void> {
    this.#asked.add(address)
    try {
      this.#known.set(address, await this.#client.contacts.person(address))
    } catch (error) {
      this.#asked.delete(address)
      this.#failed(error)
    }
  }
}
