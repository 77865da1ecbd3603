import { DchatError } from '@dchat/sdk/wire'
import type { TopicAccess } from '../commit/publish.ts'
import { nameOf } from '../platform.ts'
import { readsUpTo } from '../policy/access.ts'
import type { Tally } from '../policy/tally.ts'
import type { Store } from '../store/store.ts'

/** What one connection has shown to hold: device keys, and keys of topics. */
export class Proofs {
  readonly #store: Store
  readonly #limit: number
  readonly #all: Tally
  readonly #address: string
  /** By topic: each shown key and its epoch, which is unknown until the topic has the key. */
  readonly #topics = new Map<string, Map<string, { readonly key: Uint8Array; epoch: number | undefined }>>()
  readonly #devices = new Map<string, Uint8Array>()
  #count = 0

  /** `limit` of this connection; `all` counts those of its network address. */
  constructor(store: Store, limit: number, all: Tally, address: string) {
    this.#store = store
    this.#limit = limit
    this.#all = all
    this.#address = address
  }

  /** The connection is gone. */
  end(): void {
    this.#all.give(this.#address, this.#count)
    this.#count = 0
  }

  addDevice(device: Uint8Array): void {
    const name = nameOf(device)
    if (this.#devices.has(name)) return
    this.#grow()
    this.#devices.set(name, device)
  }

  addTopicKey(topic: Uint8Array, key: Uint8Array, epoch: number | undefined): void {
    const name = nameOf(topic)
    const keys = this.#topics.get(name) ?? new Map<string, { key: Uint8Array; epoch: number | undefined }>()
    if (!keys.has(nameOf(key))) this.#grow()
    this.#topics.set(name, keys.set(nameOf(key), { key, epoch }))
  }

  hasDevice(device: Uint8Array): boolean {
    return this.#devices.has(nameOf(device))
  }

  devices(): readonly Uint8Array[] {
    return [...this.#devices.values()]
  }

  /** Throws `relay/not-permitted` unless the device was shown. */
  needDevice(device: Uint8Array): void {
    if (!this.hasDevice(device)) throw new DchatError('relay/not-permitted', { what: 'no proof of the device key' })
  }

  topic(topic: Uint8Array): TopicAccess {
    const keys = this.#topics.get(nameOf(topic))
    return {
      proved: (key) => keys?.has(nameOf(key)) ?? false,
      newestEpoch: async () => {
        let newest: number | undefined
        for (const shown of keys?.values() ?? []) {
          shown.epoch ??= await this.#store.topicKeyEpoch(topic, shown.key)
          if (shown.epoch !== undefined && (newest === undefined || shown.epoch > newest)) newest = shown.epoch
        }
        return newest
      },
    }
  }

  /** The last seq of the topic that the shown keys open: 0 for none, infinite without a removal in the way. */
  async opensUpTo(topic: Uint8Array): Promise<number> {
    const epoch = await this.topic(topic).newestEpoch()
    return readsUpTo(epoch, epoch === undefined ? undefined : await this.#store.firstRemoval(topic, epoch))
  }

  #grow(): void {
    if (this.#count >= this.#limit)
      throw new DchatError('relay/quota', { what: 'proofs of one connection', limit: this.#limit })
    this.#all.take(this.#address)
    this.#count++
  }
}
