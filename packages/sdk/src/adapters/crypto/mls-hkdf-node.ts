import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { concat, uint16, utf8 } from '../../util/bytes.ts'

export type NodeHash = 'sha256' | 'sha512'

/** A plain view: Buffers behave differently from Uint8Array in `slice`. */
export const plain = (buffer: Buffer): Uint8Array => new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length)

export const hashSize = (hash: NodeHash): number => (hash === 'sha256' ? 32 : 64)

export const digest = (hash: NodeHash, bytes: Uint8Array): Uint8Array => plain(createHash(hash).update(bytes).digest())

export const mac = (hash: NodeHash, key: Uint8Array, bytes: Uint8Array): Uint8Array =>
  plain(createHmac(hash, key).update(bytes).digest())

export const macEquals = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && timingSafeEqual(a, b)

/** HKDF-Expand (RFC 5869 2.3). */
export const expand = (hash: NodeHash, key: Uint8Array, info: Uint8Array, length: number): Uint8Array => {
  const size = hashSize(hash)
  if (length > 255 * size) throw new RangeError('HKDF cannot expand that far')
  if (length <= size) return plain(createHmac(hash, key).update(info).update(ONE).digest()).subarray(0, length)
  const out = new Uint8Array(Math.ceil(length / size) * size)
  let block: Uint8Array = new Uint8Array()
  for (let i = 0; i * size < length; i++) {
    block = createHmac(hash, key)
      .update(block)
      .update(info)
      .update(Uint8Array.of(i + 1))
      .digest()
    out.set(block, i * size)
  }
  return out.subarray(0, length)
}

const ONE = Uint8Array.of(1)
const VERSION = utf8('HPKE-v1')
const EMPTY = new Uint8Array()

/** LabeledExtract and LabeledExpand of HPKE (RFC 9180 4) for one suite id. */
export const labeled = (hash: NodeHash, suiteId: Uint8Array) => ({
  extract: (salt: Uint8Array, label: string, ikm: Uint8Array = EMPTY): Uint8Array =>
    plain(createHmac(hash, salt).update(VERSION).update(suiteId).update(label).update(ikm).digest()),
  expand: (key: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array =>
    expand(hash, key, concat(uint16(length), VERSION, suiteId, utf8(label), info), length),
})
