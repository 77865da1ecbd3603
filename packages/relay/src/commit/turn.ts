import type { Entry, HeadStep, Receipt } from '@dchat/sdk/wire'
import { nameOf, rememberingNames } from '../platform.ts'
import type { IdentityRecord, Store, TopicState } from '../store/store.ts'

/** An entry that got its place in this turn. Its receipt exists once the turn's signature was made. */
export interface Placed {
  readonly step: HeadStep
  readonly head: Uint8Array
  readonly upload: Omit<Entry, 'receipt'>
  receipt?: Receipt
  durable: boolean
}

/** The store as the writes of this turn will leave it: later jobs of a turn see what earlier ones planned. */
export class Turn {
  readonly #topics = new Map<string, TopicState | undefined>()
  readonly #placed = new Map<string, Placed>()
  readonly #blobs = new Set<string>()
  readonly #keys = new Set<string>()
  readonly #nameOf = rememberingNames()
  readonly #identities = new Map<string, IdentityRecord | undefined>()

  constructor(
    readonly store: Store,
    readonly now: number,
  ) {}

  async topic(topic: Uint8Array): Promise<TopicState | undefined> {
    const name = this.#nameOf(topic)
    if (!this.#topics.has(name)) this.#topics.set(name, await this.store.topic(topic))
    return this.#topics.get(name)
  }

  /** The entry of this turn or of before that has the reference. */
  async known(topic: Uint8Array, reference: Uint8Array): Promise<Placed | Entry | undefined> {
    return (
      this.#placed.get(`${this.#nameOf(topic)} ${nameOf(reference)}`) ?? this.store.entryByReference(topic, reference)
    )
  }

  async hasBlob(id: Uint8Array): Promise<boolean> {
    return this.#blobs.has(nameOf(id)) || this.store.hasBlob(id)
  }

  /** True if the topic has or had the key. */
  async hasKey(topic: Uint8Array, key: Uint8Array): Promise<boolean> {
    return (
      this.#keys.has(`${this.#nameOf(topic)} ${nameOf(key)}`) ||
      (await this.store.topicKeyEpoch(topic, key)) !== undefined
    )
  }

  async identity(address: string): Promise<IdentityRecord | undefined> {
    if (!this.#identities.has(address)) this.#identities.set(address, await this.store.identity(address))
    return this.#identities.get(address)
  }

  /** Called when a job's plan is complete, so that a refused one leaves no trace. */
  plan(
    topic: Uint8Array,
    state: TopicState,
    placed: readonly Placed[],
    keys: readonly Uint8Array[],
    blobs: readonly Uint8Array[],
  ): void {
    const name = this.#nameOf(topic)
    this.#topics.set(name, state)
    for (const entry of placed) this.#placed.set(`${name} ${nameOf(entry.upload.reference)}`, entry)
    for (const key of keys) this.#keys.add(`${name} ${nameOf(key)}`)
    for (const id of blobs) this.#blobs.add(nameOf(id))
  }

  planIdentity(record: IdentityRecord): void {
    this.#identities.set(record.address, record)
  }
}
