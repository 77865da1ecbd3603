import { concat } from './bytes.ts'

/** Bytes that come in parts of any length, taken in parts of a wanted one. */
export class ByteSource {
  readonly #parts: AsyncIterator<Uint8Array>
  #held: Uint8Array[] = []
  #length = 0
  #ended = false

  constructor(parts: AsyncIterable<Uint8Array>) {
    this.#parts = parts[Symbol.asyncIterator]()
  }

  /** So many bytes, or what is left where the source ends before. */
  async take(length: number): Promise<Uint8Array> {
    await this.#fill(length)
    const all = concat(...this.#held)
    const taken = all.slice(0, length)
    this.#held = [all.subarray(taken.length)]
    this.#length = all.length - taken.length
    return taken
  }

  /** True if nothing more comes. */
  async isOver(): Promise<boolean> {
    await this.#fill(1)
    return this.#length === 0
  }

  /** Tells the source that no more is wanted. */
  async close(): Promise<void> {
    if (this.#ended) return
    this.#ended = true
    await this.#parts.return?.()
  }

  async #fill(length: number): Promise<void> {
    while (this.#length < length && !this.#ended) {
      const next = await this.#parts.next()
      if (next.done) {
        this.#ended = true
        return
      }
      this.#held.push(next.value)
      this.#length += next.value.length
    }
  }
}
