import { decode, encode, rfc8949EncodeOptions } from 'cborg'
import { DchatError } from '../../errors.ts'
import { concat, equalBytes, utf8 } from '../../util/bytes.ts'
import { sha256 } from '../../util/hash.ts'

/** What deterministic CBOR carries here: no floats, tags or undefined; maps have text keys unless `maps` is asked for. */
export type CborValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly CborValue[]
  | { readonly [key: string]: CborValue | undefined }
  | ReadonlyMap<CborValue, CborValue>

export interface CborLimits {
  /** Bytes of the whole value; default 1 MiB. */
  readonly size?: number
  /** Nesting; default 16. */
  readonly depth?: number
  /** Items in all arrays and maps together; default 65,536. */
  readonly items?: number
  /** Keep maps as `Map` (integer keys); default: objects with text keys. */
  readonly maps?: boolean
  /** Refuse what is not the deterministic encoding of RFC 8949 4.2; default true. */
  readonly deterministic?: boolean
  /**
   * Also accept floats, `undefined` and tags (as `CborTag`): for fields of others' formats that are kept unread.
   * Only together with `deterministic: false`. Default false.
   */
  readonly foreign?: boolean
}

/** A tagged value of another format, kept as it came. */
export interface CborTag {
  readonly tag: number
  readonly value: unknown
}

const malformed = (format: string, reason: string, cause?: unknown) =>
  new DchatError('protocol/malformed', { format, reason }, { cause })

/** Deterministic encoding (RFC 8949 4.2.1). Fields that are `undefined` are left out. */
export const encodeCbor = (value: CborValue): Uint8Array => plain(encode(withoutUndefined(value), rfc8949EncodeOptions))

/** In Node the encoder may return a view of its pool whose `slice` does not copy; callers are promised plain bytes. */
const plain = (bytes: Uint8Array): Uint8Array => (bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes))

/** A value with nothing to leave out is passed on as it is: most are, and copying them costs as much as encoding them. */
const withoutUndefined = (value: unknown): unknown => {
  if (!hasUndefined(value)) return value
  if (Array.isArray(value)) return value.map(withoutUndefined)
  if (value instanceof Map) return new Map([...value].map(([k, v]) => [k, withoutUndefined(v)]))
  return Object.fromEntries(
    Object.entries(value as object).flatMap(([k, v]) => (v === undefined ? [] : [[k, withoutUndefined(v)]])),
  )
}

/** True if a map's field anywhere inside is `undefined`. */
const hasUndefined = (value: unknown): boolean => {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return false
  if (Array.isArray(value)) return value.some(hasUndefined)
  if (value instanceof Map) return [...value.values()].some(hasUndefined)
  for (const field of Object.values(value)) if (field === undefined || hasUndefined(field)) return true
  return false
}

/**
 * Walks the heads before anything is built: size, depth, item count, definite lengths and known types, so that
 * hostile bytes cost no more than their own length (a decoder that recurses first overflows the stack).
 */
const scan = (
  bytes: Uint8Array,
  format: string,
  limits: Required<Pick<CborLimits, 'depth' | 'items' | 'foreign'>>,
): void => {
  let at = 0
  let items = 0
  const open: number[] = []
  const finish = () => {
    while (open.length > 0) {
      const left = (open[open.length - 1] as number) - 1
      open[open.length - 1] = left
      if (left > 0) return
      open.pop()
    }
  }
  do {
    const head = bytes[at++]
    if (head === undefined) throw malformed(format, 'it ends too early')
    const major = head >> 5
    const info = head & 31
    let value = info
    if (info >= 24) {
      const width = info === 24 ? 1 : info === 25 ? 2 : info === 26 ? 4 : info === 27 ? 8 : 0
      if (width === 0) throw malformed(format, 'indefinite lengths are not allowed')
      if (at + width > bytes.length) throw malformed(format, 'it ends too early')
      value = 0
      for (let i = 0; i < width; i++) value = value * 256 + (bytes[at + i] as number)
      at += width
    }
    if (++items > limits.items) throw malformed(format, `more than ${limits.items} items`)
    if (major === 2 || major === 3) {
      if (value > bytes.length - at) throw malformed(format, 'it ends too early')
      at += value
      finish()
    } else if (major === 4 || major === 5) {
      const count = major === 5 ? value * 2 : value
      if (count > bytes.length - at) throw malformed(format, 'it ends too early')
      if (count === 0) finish()
      else {
        open.push(count)
        if (open.length > limits.depth) throw malformed(format, `nested deeper than ${limits.depth}`)
      }
    } else if (major === 6) {
      if (!limits.foreign) throw malformed(format, 'tags are not allowed')
      open.push(1)
      if (open.length > limits.depth) throw malformed(format, `nested deeper than ${limits.depth}`)
    } else if (major === 7) {
      const foreign = limits.foreign && (head === 0xf7 || (head >= 0xf9 && head <= 0xfb))
      if ((head < 0xf4 || head > 0xf6) && !foreign)
        throw malformed(format, 'floats and unassigned simple values are not allowed')
      finish()
    } else finish()
  } while (open.length > 0)
  if (at !== bytes.length) throw malformed(format, 'bytes are left over')
}

type TagDecoder = (content: () => unknown) => CborTag

/** A decoder for every tag number: the table that the library asks for, without an end. */
const anyTag = new Proxy<Record<number, TagDecoder>>(
  {},
  {
    get:
      (_, tag): TagDecoder =>
      (content) => ({ tag: Number(tag), value: content() }),
  },
)

/** Decodes within bounds. Throws `protocol/too-large` or `protocol/malformed`, nothing else. */
export const decodeCbor = (bytes: Uint8Array, format: string, limits: CborLimits = {}): unknown => {
  const size = limits.size ?? 1024 * 1024
  if (bytes.length > size) throw new DchatError('protocol/too-large', { what: format, size: bytes.length, limit: size })
  scan(bytes, format, { depth: limits.depth ?? 16, items: limits.items ?? 65_536, foreign: limits.foreign ?? false })
  let value: unknown
  try {
    value = decode(bytes, {
      allowIndefinite: false,
      rejectDuplicateMapKeys: true,
      useMaps: limits.maps ?? false,
      ...(limits.foreign ? { tags: anyTag } : {}),
    })
  } catch (cause) {
    throw malformed(format, 'it is not CBOR of the expected kind', cause)
  }
  if (limits.deterministic !== false) {
    let again: Uint8Array | undefined
    try {
      again = encode(value, rfc8949EncodeOptions)
    } catch (cause) {
      throw malformed(format, 'it cannot be encoded again', cause)
    }
    if (!equalBytes(again, bytes)) throw malformed(format, 'it is not the deterministic encoding')
  }
  return value
}

/** What a key outside MLS signs: `"dchat/<use>/v1" ‖ 0x00 ‖ deterministic CBOR` (docs/protocol/README.md). */
export const statement = (use: string, value: CborValue): Uint8Array =>
  concat(utf8(`dchat/${use}/v1`), new Uint8Array(1), encodeCbor(value))

/** SHA-256 with the same prefix. */
export const hashOf = (use: string, value: CborValue): Uint8Array => sha256(statement(use, value))
