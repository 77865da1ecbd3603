import { DchatError } from '../../errors.ts'
import { compareBytes, utf8 } from '../../util/bytes.ts'
import type { CborValue } from './cbor-value.ts'

const SHORT = 64
/** Bytes of a writer that is kept for the next value. */
const KEPT = 65_536

const isAscii = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

/** Bytes that grow as they are written. */
class Writer {
  #bytes = new Uint8Array(2048)
  #at = 0

  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#at)
  }

  /** Nothing of it stays: it may be a secret. */
  clear(): void {
    this.#bytes.fill(0, 0, this.#at)
    this.#at = 0
  }

  /** True if it is worth keeping. */
  get small(): boolean {
    return this.#bytes.length <= KEPT
  }

  #room(length: number): number {
    const at = this.#at
    this.#at += length
    if (this.#at > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#at))
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    return at
  }

  byte(value: number): void {
    const at = this.#room(1)
    this.#bytes[at] = value
  }

  bytes(value: Uint8Array): void {
    const at = this.#room(value.length)
    this.#bytes.set(value, at)
  }

  /** Short texts are mostly ASCII, which is faster written here than encoded elsewhere. */
  text(value: string): void {
    if (value.length > SHORT || !isAscii(value)) {
      const bytes = utf8(value)
      this.head(3, bytes.length)
      this.bytes(bytes)
      return
    }
    this.head(3, value.length)
    const at = this.#room(value.length)
    for (let i = 0; i < value.length; i++) this.#bytes[at + i] = value.charCodeAt(i)
  }

  /** A head in its shortest form (RFC 8949 4.2.1). */
  head(major: number, value: number): void {
    const type = major << 5
    if (value < 24) this.byte(type | value)
    else if (value < 0x100) this.#number(type | 24, value, 1)
    else if (value < 0x10000) this.#number(type | 25, value, 2)
    else if (value < 0x100000000) this.#number(type | 26, value, 4)
    else this.#number(type | 27, value, 8)
  }

  #number(first: number, value: number, width: number): void {
    const at = this.#room(1 + width)
    this.#bytes[at] = first
    for (let i = width, rest = value; i > 0; i--, rest = Math.floor(rest / 256)) this.#bytes[at + i] = rest % 256
  }

  /** As `head`, for numbers of 64 bits that JavaScript's numbers do not hold. */
  longHead(major: number, value: bigint): void {
    const at = this.#room(9)
    this.#bytes[at] = (major << 5) | 27
    for (let i = 8, rest = value; i > 0; i--, rest >>= 8n) this.#bytes[at + i] = Number(rest & 0xffn)
  }
}

type Fields = Readonly<Record<string, CborValue | undefined>>

const refused = () => new DchatError('internal/unexpected', { what: 'a value that CBOR does not carry here' })

/** The writer that nobody uses at the moment: its bytes are allocated once and not for each value. */
let spare: Writer | undefined

/**
 * Deterministic encoding (RFC 8949 4.2.1), after `prefix`. Fields of objects and maps that are `undefined` are left out.
 * `use` takes a view of the bytes, which are gone when it returns: what is only hashed is never copied.
 */
export const withEncoded = <T>(value: CborValue, prefix: Uint8Array | undefined, use: (bytes: Uint8Array) => T): T => {
  const writer = spare ?? new Writer()
  spare = undefined
  if (prefix) writer.bytes(prefix)
  write(writer, value)
  const result = use(writer.view())
  writer.clear()
  if (writer.small) spare = writer
  return result
}

const copy = (bytes: Uint8Array): Uint8Array => bytes.slice()

/** The same, as bytes of their own. */
export const encodeValue = (value: CborValue, prefix?: Uint8Array): Uint8Array => withEncoded(value, prefix, copy)

const write = (writer: Writer, value: CborValue | undefined): void => {
  if (typeof value === 'string') writer.text(value)
  else if (typeof value === 'number') writeNumber(writer, value)
  else if (value instanceof Uint8Array) {
    writer.head(2, value.length)
    writer.bytes(value)
  } else if (value === null) writer.byte(0xf6)
  else if (typeof value === 'boolean') writer.byte(value ? 0xf5 : 0xf4)
  else if (typeof value === 'bigint') writeBigint(writer, value)
  else if (Array.isArray(value)) {
    writer.head(4, value.length)
    for (const item of value as readonly CborValue[]) write(writer, item)
  } else if (value instanceof Map) writeMap(writer, [...value])
  else if (typeof value === 'object') writeObject(writer, value as Fields)
  else throw refused()
}

const writeNumber = (writer: Writer, value: number): void => {
  if (!Number.isSafeInteger(value)) throw refused()
  if (value >= 0) writer.head(0, value)
  else writer.head(1, -1 - value)
}

const writeBigint = (writer: Writer, value: bigint): void => {
  if (value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return writeNumber(writer, Number(value))
  const [major, size] = value < 0n ? [1, -1n - value] : [0, value]
  if (size >= 1n << 64n) throw refused()
  writer.longHead(major, size)
}

/** Keys in the order of their encoded bytes: of ASCII texts the shorter first, those of one length as they compare. */
const writeObject = (writer: Writer, value: Fields): void => {
  const keys = Object.keys(value).filter((key) => value[key] !== undefined)
  if (!keys.every(isAscii)) return writeMap(writer, Object.entries(value))
  if (keys.length > 1) keys.sort((a, b) => a.length - b.length || (a < b ? -1 : 1))
  writer.head(5, keys.length)
  for (const key of keys) {
    writer.text(key)
    write(writer, value[key])
  }
}

const writeMap = (writer: Writer, fields: readonly (readonly [CborValue, CborValue | undefined])[]): void => {
  const present = fields.filter(([, value]) => value !== undefined)
  const keyed = present.map(([key, value]) => ({ key: encodeValue(key), value }))
  keyed.sort((a, b) => compareBytes(a.key, b.key))
  writer.head(5, keyed.length)
  for (const { key, value } of keyed) {
    writer.bytes(key)
    write(writer, value)
  }
}
