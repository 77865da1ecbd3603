import { DchatError } from '../../errors.ts'
import { compareBytes, fromUtf8 } from '../../util/bytes.ts'
import type { CborLimits, CborTag } from './cbor-value.ts'

type Bounds = Required<Omit<CborLimits, 'size'>>

/**
 * Reads one value in one pass. Size, depth and item count are checked before anything is built, so that hostile bytes
 * cost no more than their own length.
 */
export class CborReader {
  readonly #bytes: Uint8Array
  readonly #format: string
  readonly #bounds: Bounds
  #at = 0
  #items = 0

  constructor(bytes: Uint8Array, format: string, bounds: Bounds) {
    this.#bytes = bytes
    this.#format = format
    this.#bounds = bounds
  }

  /** The one value that the bytes are. */
  whole(): unknown {
    const value = this.#value(0)
    if (this.#at !== this.#bytes.length) throw this.#malformed('bytes are left over')
    return value
  }

  #malformed(reason: string): DchatError {
    return new DchatError('protocol/malformed', { format: this.#format, reason })
  }

  #notDeterministic(): DchatError {
    return this.#malformed('it is not the deterministic encoding')
  }

  #value(depth: number): unknown {
    const head = this.#bytes[this.#at++]
    if (head === undefined) throw this.#malformed('it ends too early')
    if (++this.#items > this.#bounds.items) throw this.#malformed(`more than ${this.#bounds.items} items`)
    const major = head >> 5
    if (major === 7) return this.#simple(head)
    const value = this.#argument(head & 31)
    if (major === 0) return value
    if (major === 1)
      return typeof value === 'bigint' || value === Number.MAX_SAFE_INTEGER ? negative(value) : -1 - value
    // Nothing of such a length fits: what is not a safe number is refused as too long.
    const count = Number(value)
    if (major === 2) return this.#take(count)
    if (major === 3) return this.#text(count)
    if (major === 4) return this.#array(count, depth + 1)
    if (major === 5) return this.#map(count, depth + 1)
    return this.#tag(count, depth + 1)
  }

  /** The number in a head: the safe integers as numbers, what is larger as bigint. */
  #argument(info: number): number | bigint {
    if (info < 24) return info
    if (info > 27) throw this.#malformed('indefinite lengths are not allowed')
    const width = 1 << (info - 24)
    if (width > this.#bytes.length - this.#at) throw this.#malformed('it ends too early')
    let value = 0
    const start = this.#at
    this.#at += width
    for (let i = start; i < this.#at; i++) value = value * 256 + (this.#bytes[i] as number)
    if (this.#bounds.deterministic && value < (width === 1 ? 24 : 2 ** (4 * width))) throw this.#notDeterministic()
    if (Number.isSafeInteger(value)) return value
    let long = 0n
    for (let i = start; i < this.#at; i++) long = (long << 8n) | BigInt(this.#bytes[i] as number)
    return long
  }

  #view(length: number): Uint8Array {
    if (length > this.#bytes.length - this.#at) throw this.#malformed('it ends too early')
    this.#at += length
    return this.#bytes.subarray(this.#at - length, this.#at)
  }

  /** A copy, and never of a pool that Node's buffers share. */
  #take(length: number): Uint8Array {
    return new Uint8Array(this.#view(length))
  }

  #text(length: number): string {
    const bytes = this.#view(length)
    if (length < 24) {
      let text = ''
      let ascii = true
      for (let i = 0; i < length && ascii; i++) {
        const code = bytes[i] as number
        ascii = code < 0x80
        text += String.fromCharCode(code)
      }
      if (ascii) return text
    }
    try {
      return fromUtf8(bytes)
    } catch (cause) {
      throw new DchatError('protocol/malformed', { format: this.#format, reason: 'a text is not UTF-8' }, { cause })
    }
  }

  /** Each item has a byte at least, so a count that cannot be there is refused before an array is made. */
  #open(count: number, depth: number): void {
    if (count > this.#bytes.length - this.#at) throw this.#malformed('it ends too early')
    if (count > 0 && depth > this.#bounds.depth) throw this.#malformed(`nested deeper than ${this.#bounds.depth}`)
  }

  #array(count: number, depth: number): unknown[] {
    this.#open(count, depth)
    const out: unknown[] = []
    for (let i = 0; i < count; i++) out.push(this.#value(depth))
    return out
  }

  #map(count: number, depth: number): unknown {
    this.#open(2 * count, depth)
    const { maps, deterministic } = this.#bounds
    const fields = new Map<unknown, unknown>()
    const object: Record<string, unknown> = {}
    let before: Uint8Array | undefined
    for (let i = 0; i < count; i++) {
      const start = this.#at
      const key = this.#value(depth)
      if (deterministic) {
        const encoded = this.#bytes.subarray(start, this.#at)
        if (before !== undefined && compareBytes(before, encoded) >= 0) throw this.#notDeterministic()
        before = encoded
      }
      if (maps) {
        if (fields.has(key)) throw this.#malformed('a key stands twice in a map')
        fields.set(key, this.#value(depth))
        continue
      }
      if (typeof key !== 'string') throw this.#malformed('a key is not a text')
      if (Object.hasOwn(object, key)) throw this.#malformed('a key stands twice in a map')
      const value = this.#value(depth)
      if (key !== '__proto__') object[key] = value
      else Object.defineProperty(object, key, { value, configurable: true, enumerable: true, writable: true })
    }
    return maps ? fields : object
  }

  #tag(tag: number, depth: number): CborTag {
    if (!this.#bounds.foreign) throw this.#malformed('tags are not allowed')
    if (depth > this.#bounds.depth) throw this.#malformed(`nested deeper than ${this.#bounds.depth}`)
    return { tag, value: this.#value(depth) }
  }

  #simple(head: number): unknown {
    if (head === 0xf4) return false
    if (head === 0xf5) return true
    if (head === 0xf6) return null
    const foreign = this.#bounds.foreign
    if (foreign && head === 0xf7) return undefined
    if (!foreign || head < 0xf9 || head > 0xfb)
      throw this.#malformed('floats and unassigned simple values are not allowed')
    const bytes = this.#view(1 << (head - 0xf8))
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    return head === 0xf9 ? half(view.getUint16(0)) : head === 0xfa ? view.getFloat32(0) : view.getFloat64(0)
  }
}

const negative = (value: number | bigint): number | bigint => {
  const long = -1n - BigInt(value)
  return long >= Number.MIN_SAFE_INTEGER ? Number(long) : long
}

/** A float of 16 bits (RFC 8949, appendix D). */
const half = (bits: number): number => {
  const exponent = (bits >> 10) & 31
  const mantissa = bits & 0x3ff
  const size =
    exponent === 0
      ? mantissa * 2 ** -24
      : exponent === 31
        ? mantissa === 0
          ? Number.POSITIVE_INFINITY
          : Number.NaN
        : (mantissa + 1024) * 2 ** (exponent - 25)
  return bits & 0x8000 ? -size : size
}
