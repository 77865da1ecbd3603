import type { Address, Client } from '@dchat/sdk'
import { shortAddress } from '@dchat/sdk'

/** Somebody who can be chosen. */
interface Choice {
  readonly key: Address
  readonly title: string
}

/** People to be chosen from the contacts and those one writes with, or brought in by an invite link or an address. */
export class ChosenPeople {
  readonly #client: Client
  readonly #failed: (error: unknown) => void
  #known = $state.raw<readonly Choice[]>([])
  chosen = $state.raw<readonly Choice[]>([])
  /** An invite is being looked up. */
  busy = $state(false)

  constructor(client: Client, failed: (error: unknown) => void) {
    this.#client = client
    this.#failed = failed
    void this.#read()
  }

  /** Those who are known, whom a text finds and who are not left out. */
  found(text: string, leftOut: readonly Address[] = []): readonly Choice[] {
    const words = text.trim().toLowerCase()
    return this.#known.filter(({ key, title }) => !leftOut.includes(key) && title.toLowerCase().includes(words))
  }

  isChosen(key: Address): boolean {
    return this.chosen.some((each) => each.key === key)
  }

  toggle(choice: Choice): void {
    this.chosen = this.isChosen(choice.key)
      ? this.chosen.filter(({ key }) => key !== choice.key)
      : [...this.chosen, choice]
  }

  /** Looks up whom an invite link or an address names, and chooses them. True if somebody was found. */
  async bring(inviteOrAddress: string): Promise<boolean> {
    this.busy = true
    try {
      const { address, name } = await this.#client.contacts.add(inviteOrAddress.trim())
      if (!this.isChosen(address)) this.toggle({ key: address, title: name ?? shortAddress(address) })
      await this.#read()
      return true
    } catch (error) {
      this.#failed(error)
      return false
    } finally {
      this.busy = false
    }
  }

  async #read(): Promise<void> {
    try {
      const [contacts, talks] = await Promise.all([
        this.#client.contacts.list(),
        this.#client.conversations.list({ limit: 500 }),
      ])
      const found = new Map<Address, string>()
      for (const { peer, title, state } of talks.items)
        if (peer !== undefined && state !== 'request') found.set(peer, title ?? shortAddress(peer))
      for (const { address, name } of contacts) found.set(address, name ?? found.get(address) ?? shortAddress(address))
      found.delete(this.#client.address)
      this.#known = [...found]
        .map(([key, title]) => ({ key, title }))
        .toSorted((a, b) => a.title.localeCompare(b.title))
    } catch (error) {
      this.#failed(error)
    }
  }
}

/** Whether a text names somebody by itself: an invite link or an address. */
export const isInvite = (text: string): boolean => /^(?:dchat:|dchat1)[^\s]{20,}$/i.test(text.trim())
