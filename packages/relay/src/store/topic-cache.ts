import { rememberingNames } from '../platform.ts'
import type { TopicState } from './store.ts'

/** A topic as the database has it. */
export interface HeldTopic {
  readonly id: number
  readonly state: TopicState
}

const LIMIT = 4_096

/**
 * The topics that were used last: whoever talks asks for the same one with every message. One process owns the database,
 * so what it wrote is what is there. What a transaction writes is apart until it is over, for that transaction alone.
 */
export class TopicCache {
  readonly #held = new Map<string, HeldTopic>()
  readonly #written = new Map<string, HeldTopic>()
  readonly #nameOf = rememberingNames()

  /** Nothing while a transaction changes the topic: whether its end can be read yet is for the database to say. */
  get(topic: Uint8Array): HeldTopic | undefined {
    const name = this.#nameOf(topic)
    return this.#written.has(name) ? undefined : this.#held.get(name)
  }

  set(topic: Uint8Array, held: HeldTopic): HeldTopic {
    const name = this.#nameOf(topic)
    if (!this.#written.has(name)) this.#set(name, held)
    return held
  }

  /** As the transaction under way sees it. */
  getWritten(topic: Uint8Array): HeldTopic | undefined {
    const name = this.#nameOf(topic)
    return this.#written.get(name) ?? this.#held.get(name)
  }

  write(topic: Uint8Array, held: HeldTopic): void {
    this.#written.set(this.#nameOf(topic), held)
  }

  /** The transaction is on the disk. */
  settle(): void {
    for (const [name, held] of this.#written) this.#set(name, held)
    this.#written.clear()
  }

  /** The transaction has failed. */
  rollBack(): void {
    this.#written.clear()
  }

  clear(): void {
    this.#held.clear()
  }

  #set(name: string, held: HeldTopic): void {
    this.#held.delete(name)
    this.#held.set(name, held)
    if (this.#held.size > LIMIT) this.#held.delete(this.#held.keys().next().value as string)
  }
}
