import { DchatError, WINDOW_LIMIT } from '@dchat/sdk/wire'
import type { TopicAccess } from '../commit/publish.ts'
import { mayHear, type WriteState } from '../policy/access.ts'

export interface SignalFeedOptions {
  readonly access: () => TopicAccess
  readonly now: () => number
  /** ms that a member may take to show the next key. */
  readonly grace: number
  readonly send: (body: Uint8Array) => void
  readonly end: (error: DchatError) => void
  readonly congested: () => boolean
}

/** A subscriber to signals. What finds no credit, no key or no room on the way out is dropped: signals age fast. */
export class SignalFeed {
  readonly #options: SignalFeedOptions
  #credit: number
  #deniedSince: number | undefined

  constructor(options: SignalFeedOptions, credit: number) {
    this.#options = options
    this.#credit = credit
  }

  addCredit(credit: number): void {
    this.#credit = Math.min(WINDOW_LIMIT, this.#credit + credit)
  }

  /** True if the signal went out. A subscriber who has lacked the key for too long gets its typed end instead. */
  hear(state: WriteState, body: Uint8Array): boolean {
    if (!mayHear(state, this.#options.access().proved)) {
      const now = this.#options.now()
      this.#deniedSince ??= now
      if (now - this.#deniedSince > this.#options.grace)
        this.#options.end(new DchatError('relay/not-permitted', { what: 'no proof of the current topic key' }))
      return false
    }
    this.#deniedSince = undefined
    if (this.#credit === 0 || this.#options.congested()) return false
    this.#credit--
    this.#options.send(body)
    return true
  }
}
