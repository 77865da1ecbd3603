import { type Entry, issueReceipts, nextHead } from '@dchat/sdk/wire'
import type { Lie } from './lies.ts'

/** Signs by the relay's own key. */
export type Sign = (message: Uint8Array) => Promise<Uint8Array>

const HOUR = 3_600_000

/**
 * The history that one relay signs for its victims in place of the true one, from the first entry that it lies about. What
 * stands before it is as it is.
 */
export class FalseLog {
  readonly #lie: Lie
  readonly #relayKey: Uint8Array
  readonly #sign: Sign
  /** Told entries from `#from` on, each with the true place that it was made from. */
  readonly #told: { readonly entry: Entry; readonly place: number }[] = []
  readonly #from: number
  /** After the last told entry. */
  #head: Uint8Array | undefined
  #read: number

  constructor(lie: Lie, relayKey: Uint8Array, sign: Sign, from: number) {
    this.#lie = lie
    this.#relayKey = relayKey
    this.#sign = sign
    this.#from = from
    this.#read = from - 1
  }

  /** The place that the victim knows a true place by. */
  placeOf(place: number): number {
    if (place < this.#from) return place
    const told = this.#told.findLast((each) => each.place <= place)
    return told?.entry.receipt.seq ?? this.#from - 1
  }

  /** The true place behind one that the victim named. */
  trueOf(seq: number): number {
    return seq < this.#from ? seq : (this.#told[seq - this.#from]?.place ?? this.#read)
  }

  /** What the victim is told of the next true entries; those that it was told before stay as they were told. */
  async tell(entries: readonly Entry[]): Promise<readonly Entry[]> {
    const out: Entry[] = []
    for (const entry of entries) {
      const { seq } = entry.receipt
      if (seq < this.#from) {
        out.push(entry)
        continue
      }
      if (seq === this.#read + 1) {
        this.#read = seq
        await this.#make(entry)
      }
      out.push(...this.#told.filter(({ place }) => place === seq).map(({ entry: told }) => told))
    }
    return out
  }

  async #make(entry: Entry): Promise<void> {
    const { receipt } = entry
    const isFirst = receipt.seq === this.#from
    this.#head ??= receipt.previous
    if (isFirst && this.#lie === 'fork') return
    const previous = isFirst && this.#lie === 'break' ? new Uint8Array(32) : this.#head
    const time = isFirst && this.#lie === 'backdate' ? receipt.time - HOUR : receipt.time
    await this.#push(entry, previous, time)
    if (isFirst && this.#lie === 'repeat') await this.#push(entry, this.#head, time)
  }

  async #push(entry: Entry, previous: Uint8Array, time: number): Promise<void> {
    const { topic, seq, entry: hash, kind } = entry.receipt
    const step = { topic, seq: this.#from + this.#told.length, previous, entry: hash, kind, time }
    const [receipt] = await issueReceipts([step], this.#relayKey, this.#sign)
    if (receipt === undefined) return
    this.#head = nextHead(receipt)
    this.#told.push({ entry: { ...entry, receipt }, place: seq })
  }
}
