import { DchatError } from '../../errors.ts'
import { utf8 } from '../../util/bytes.ts'
import { sha256 } from '../../util/hash.ts'
import { CborReader } from './cbor-decode.ts'
import { encodeValue, withEncoded } from './cbor-encode.ts'
import type { CborLimits, CborValue } from './cbor-value.ts'

export type { CborLimits, CborValue }

/** Deterministic encoding (RFC 8949 4.2.1). Fields that are `undefined` are left out. */
export const encodeCbor = (value: CborValue): Uint8Array => encodeValue(value)

/** Decodes within bounds. Throws `protocol/too-large` or `protocol/malformed`, nothing else. */
export const decodeCbor = (bytes: Uint8Array, format: string, limits: CborLimits = {}): unknown => {
  const { size = 1024 * 1024, depth = 16, items = 65_536, maps = false, deterministic = true, foreign = false } = limits
  if (bytes.length > size) throw new DchatError('protocol/too-large', { what: format, size: bytes.length, limit: size })
  return new CborReader(bytes, format, { depth, items, maps, deterministic, foreign }).whole()
}

/** What a key outside MLS signs: `"dchat/<use>/v1" ‖ 0x00 ‖ deterministic CBOR` (docs/protocol/README.md). */
export const statement = (use: string, value: CborValue): Uint8Array => encodeValue(value, prefixOf(use))

const prefixes: Record<string, Uint8Array> = {}
const prefixOf = (use: string): Uint8Array => (prefixes[use] ??= utf8(`dchat/${use}/v1\0`))

/** SHA-256 with the same prefix. */
export const hashOf = (use: string, value: CborValue): Uint8Array => withEncoded(value, prefixOf(use), sha256)
