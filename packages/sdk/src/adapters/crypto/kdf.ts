import { concat, uint16, utf8 } from '../../util/bytes.ts'

/** A hash and what is built on it, all of it synchronous: inputs are small, and a turn of the event loop costs more. */
export interface Kdf {
  /** Bytes of a digest. */
  readonly size: number
  digest(bytes: Uint8Array): Uint8Array
  mac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array
  /** Of one time for all tags of one length. */
  macEquals(a: Uint8Array, b: Uint8Array): boolean
  /** HKDF-Expand (RFC 5869 2.3). */
  expand(key: Uint8Array, info: Uint8Array, length: number): Uint8Array
}

export type KdfHash = 'sha256' | 'sha512'

const VERSION = utf8('HPKE-v1')
const EMPTY = new Uint8Array()

/** LabeledExtract and LabeledExpand of HPKE (RFC 9180 4) for one suite id. */
export const labeled = (kdf: Kdf, suiteId: Uint8Array) => ({
  extract: (salt: Uint8Array, label: string, ikm: Uint8Array = EMPTY): Uint8Array =>
    kdf.mac(salt, VERSION, suiteId, utf8(label), ikm),
  expand: (key: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array =>
    kdf.expand(key, concat(uint16(length), VERSION, suiteId, utf8(label), info), length),
})

/** HKDF-Expand (RFC 5869 2.3) over an HMAC with tags of `size` bytes. */
export const expandWith = (
  mac: Kdf['mac'],
  size: number,
  key: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array => {
  if (length > 255 * size) throw new RangeError('HKDF cannot expand that far')
  if (length <= size) return mac(key, info, ONE).subarray(0, length)
  const out = new Uint8Array(Math.ceil(length / size) * size)
  let block: Uint8Array = EMPTY
  for (let i = 0; i * size < length; i++) {
    block = mac(key, block, info, Uint8Array.of(i + 1))
    out.set(block, i * size)
  }
  return out.subarray(0, length)
}

const ONE = Uint8Array.of(1)
