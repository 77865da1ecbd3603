import type { Address, ConversationId, MessageId } from '@dchat/sdk'

/** What the window shows. */
export type Place =
  | {
      readonly view: 'chats'
      readonly conversation?: ConversationId
      /** Jump to it, and mark it for a second. */
      readonly message?: MessageId
      /** The details pane is open. */
      readonly details?: true
    }
  | { readonly view: 'deals'; readonly offer?: string }
  | { readonly view: 'listings'; readonly listing?: string }
  | { readonly view: 'people'; readonly address?: Address }
  | { readonly view: 'settings'; readonly page?: string }
  /** Another identity is begun. */
  | { readonly view: 'new-identity' }

/** Where the window is, with a way back. The address bar never names anything of it. */
export class Places {
  #now = $state.raw<Place>({ view: 'chats' })
  #past = $state.raw<readonly Place[]>([])

  get now(): Place {
    return this.#now
  }

  get canGoBack(): boolean {
    return this.#past.length > 0
  }

  go(place: Place): void {
    this.#past = [...this.#past, this.#now].slice(-50)
    this.#now = place
  }

  /** Another look at the same place: no step of its own on the way back. */
  replace(place: Place): void {
    this.#now = place
  }

  back(): void {
    const last = this.#past.at(-1)
    if (last === undefined) return
    this.#past = this.#past.slice(0, -1)
    this.#now = last
  }
}
