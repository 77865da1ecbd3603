import { toHex } from '@dchat/sdk/wire'
import type { Buckets } from '../policy/buckets.ts'
import type { Limits } from '../policy/limits.ts'
import type { Store } from '../store/store.ts'

interface Use {
  readonly items: number
  readonly bytes: number
}

/** Bytes of an item that count as one more. */
const STEP = 16 * 1024

/**
 * Who may still put something into an inbox: the fuller it is, the less of its rate a network address may have used up. What
 * is on its way counts as if it were there already, or a flood would fill the inbox in one go.
 */
export class InboxRoom {
  readonly #store: Pick<Store, 'inboxUse'>
  readonly #rate: Buckets
  readonly #limits: Pick<Limits, 'inboxItems' | 'inboxBytes'>
  readonly #coming = new Map<string, Use>()

  constructor(store: Pick<Store, 'inboxUse'>, rate: Buckets, limits: Pick<Limits, 'inboxItems' | 'inboxBytes'>) {
    this.#store = store
    this.#rate = rate
    this.#limits = limits
  }

  /** Rejects with `transport/rate-limited`; resolves to what is to be called when the item is there, or is not. */
  async take(device: Uint8Array, address: string, size: number): Promise<() => void> {
    const name = toHex(device)
    const { items, bytes } = await this.#store.inboxUse(device)
    const { items: more, bytes: moreBytes } = this.#coming.get(name) ?? { items: 0, bytes: 0 }
    const full = Math.max((items + more) / this.#limits.inboxItems, (bytes + moreBytes) / this.#limits.inboxBytes)
    this.#rate.take(`${name} ${address}`, 1 + Math.floor(size / STEP), Math.min(1, full))
    this.#count(name, 1, size)
    return () => this.#count(name, -1, -size)
  }

  #count(name: string, items: number, bytes: number): void {
    const held = this.#coming.get(name) ?? { items: 0, bytes: 0 }
    const next = { items: held.items + items, bytes: held.bytes + bytes }
    if (next.items === 0) this.#coming.delete(name)
    else this.#coming.set(name, next)
  }
}
