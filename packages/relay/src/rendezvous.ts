import { type Clock, DchatError, equalBytes, RENDEZVOUS_LIFETIME, type RendezvousSide, toHex } from '@dchat/sdk/wire'
import { Hub } from './hub.ts'
import { withinQuota } from './policy/quota.ts'

interface Slot {
  readonly since: number
  /** By side and index. */
  readonly messages: Map<string, Uint8Array>
}

/** A message's place: whoever leaves or wants it names the same. */
export interface RendezvousPlace {
  readonly slot: Uint8Array
  readonly side: RendezvousSide
  readonly index: number
}

/**
 * Where two devices that share nothing but a secret leave messages for each other. It is all in memory and forgotten after
 * ten minutes; nothing here is worth more than that.
 */
export class Rendezvous {
  readonly #clock: Clock
  readonly #limits: { readonly slots: number; readonly bytes: number }
  /** Oldest first. */
  readonly #slots = new Map<string, Slot>()
  readonly #waiting = new Hub<() => void>()
  readonly #closing = new AbortController()
  #bytes = 0

  constructor(clock: Clock, limits: { readonly slots: number; readonly bytes: number }) {
    this.#clock = clock
    this.#limits = limits
  }

  get size(): number {
    this.#sweep()
    return this.#slots.size
  }

  /** Throws `relay/conflict` where something else stands, and `relay/quota`. */
  put({ slot, side, index }: RendezvousPlace, body: Uint8Array): void {
    this.#sweep()
    const name = toHex(slot)
    const held = this.#slots.get(name)
    const message = `${side}/${index}`
    const known = held?.messages.get(message)
    if (known !== undefined) {
      if (equalBytes(known, body)) return
      throw new DchatError('relay/conflict', { what: 'a message of this rendezvous' })
    }
    if (held === undefined) withinQuota('rendezvous', this.#limits.slots, this.#slots.size, 1)
    withinQuota('bytes of all rendezvous', this.#limits.bytes, this.#bytes, body.length)
    const { messages } = held ?? this.#open(name)
    messages.set(message, body)
    this.#bytes += body.length
    for (const wake of this.#waiting.of(`${name}/${message}`)) wake()
  }

  /** Resolves to the message, or to null if it is not there after `wait` ms or when the relay ends. */
  async get({ slot, side, index }: RendezvousPlace, wait: number): Promise<Uint8Array | null> {
    this.#sweep()
    const name = toHex(slot)
    const message = `${side}/${index}`
    const look = () => this.#slots.get(name)?.messages.get(message) ?? null
    if (look() !== null || wait === 0) return look()
    const done = new AbortController()
    let leave = (): void => undefined
    const put = new Promise<void>((resolve) => {
      leave = this.#waiting.add(`${name}/${message}`, resolve)
    })
    try {
      const over = this.#clock.sleep(wait, { signal: AbortSignal.any([done.signal, this.#closing.signal]) })
      await Promise.race([put, over.catch(() => undefined)])
    } finally {
      leave()
      done.abort()
    }
    return look()
  }

  /** Nobody waits any more. */
  close(): void {
    this.#closing.abort()
  }

  #open(name: string): Slot {
    const slot: Slot = { since: this.#clock.now(), messages: new Map() }
    this.#slots.set(name, slot)
    return slot
  }

  #sweep(): void {
    const since = this.#clock.now() - RENDEZVOUS_LIFETIME
    for (const [name, slot] of this.#slots) {
      if (slot.since > since) return
      for (const body of slot.messages.values()) this.#bytes -= body.length
      this.#slots.delete(name)
    }
  }
}
