import { rememberingNames } from '../platform.ts'
import type { TopicState } from './store.ts'

/** A topic as the database has it, or will have it when the transaction in work ends well. */
export interface HeldTopic {
  readonly id: number
  readonly state: TopicState
}

const LIMIT = 4_096

/**
 * The topics that were used last: whoever talks asks for the same one with every message. One process owns the database,
 * so what it wrote is what is there; what a failed transaction has left here must be forgotten.
 */
export class TopicCache {
  readonly #held = new Map<string, HeldTopic>()
  readonly #nameOf = rememberingNames()

  get(topic: Uint8Array): HeldTopic | undefined {
    return this.#held.get(this.#nameOf(topic))
  }

  set(topic: Uint8Array, held: HeldTopic): HeldTopic {
    const name = this.#nameOf(topic)
    this.#held.delete(name)
    this.#held.set(name, held)
    if (this.#held.size > LIMIT) this.#held.delete(this.#held.keys().next().value as string)
    return held
  }

  clear(): void {
    this.#held.clear()
  }
}
