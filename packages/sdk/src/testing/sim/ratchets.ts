import { createHash } from 'node:crypto'
import type { SimFrame } from './types.ts'

/** What is remembered of one device until it is wrapped, which is done at once; Welcomes never are. */
const SEALED = 32
/** And until it has left the device, in batches; what never leaves harms nobody. */
const WRAPPED = 256

interface Sealed {
  /** The key belongs to one generation of one leaf's ratchet in one epoch of one group. */
  readonly key: string
  readonly plain: string
  readonly bytes: Buffer
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('base64')
const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)

/** What a device seals, as its crypto port tells it. */
export interface RatchetNotes {
  /** MLS sealed content under a key of a ratchet. */
  sealed(key: Uint8Array, plaintext: Uint8Array, ciphertext: Uint8Array): void
  /** Something was sealed around it, for the wire. */
  wrapped(plaintext: Uint8Array, ciphertext: Uint8Array): void
}

/**
 * Watches that no key of a ratchet seals two different messages that leave a device, over all of its lives: what a crash
 * took back before it left may be sealed anew.
 */
export class Ratchets {
  readonly #sealed = new Map<string, Sealed[]>()
  readonly #wrapped = new Map<string, Sealed[]>()
  readonly #used = new Map<string, string>()
  readonly #listeners = new Set<(device: string) => void>()

  /** Told of each key that was used twice. */
  onReuse(listener: (device: string) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  of(device: string): RatchetNotes {
    return {
      sealed: (key, plaintext, ciphertext) => {
        const bytes = Buffer.from(ciphertext)
        this.#hold(this.#sealed, device, [{ key: digest(key), plain: digest(plaintext), bytes }], SEALED)
      },
      wrapped: (plaintext, ciphertext) => {
        const inside = view(plaintext)
        const [within, others] = split(this.#sealed.get(device) ?? [], ({ bytes }) => inside.includes(bytes))
        if (within.length === 0) return
        this.#sealed.set(device, others)
        const bytes = Buffer.from(ciphertext)
        this.#hold(
          this.#wrapped,
          device,
          within.map((one) => ({ ...one, bytes })),
          WRAPPED,
        )
      },
    }
  }

  /** A frame is put on the wire. */
  seen({ from, bytes }: SimFrame): void {
    const waiting = this.#wrapped.get(from)
    if (waiting === undefined || waiting.length === 0) return
    const frame = view(bytes)
    const [left, others] = split(waiting, (one) => frame.includes(one.bytes))
    if (left.length === 0) return
    this.#wrapped.set(from, others)
    for (const { key, plain } of left) {
      const before = this.#used.get(key)
      if (before !== undefined && before !== plain) for (const tell of this.#listeners) tell(from)
      this.#used.set(key, plain)
    }
  }

  #hold(list: Map<string, Sealed[]>, device: string, more: readonly Sealed[], most: number): void {
    list.set(device, [...(list.get(device) ?? []), ...more].slice(-most))
  }
}

const split = <T>(list: readonly T[], test: (item: T) => boolean): [yes: T[], no: T[]] => {
  const [yes, no]: [T[], T[]] = [[], []]
  for (const item of list) (test(item) ? yes : no).push(item)
  return [yes, no]
}
