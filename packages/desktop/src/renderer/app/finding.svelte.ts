import type { ConversationId } from '@dchat/sdk'

type Sought = { readonly what: 'places' } | { readonly what: 'messages'; readonly conversation?: ConversationId }

/** What the window looks for just now: a place to go to, or words in messages. */
class Finding {
  #sought = $state.raw<Sought | undefined>(undefined)

  get sought(): Sought | undefined {
    return this.#sought
  }

  start(sought: Sought): void {
    this.#sought = sought
  }

  stop(): void {
    this.#sought = undefined
  }
}

export const finding = new Finding()
