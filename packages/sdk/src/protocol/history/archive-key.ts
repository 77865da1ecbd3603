import { DchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import { compareBytes, utf8 } from '../../util/bytes.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { isCount, isId } from './fields.ts'

/** A symmetric key of the archive, which own devices share (archive.md). */
export interface ArchiveKey {
  /** 8 random bytes. */
  readonly id: Uint8Array
  readonly secret: Uint8Array
  /** One more than that of the key before it: the greatest is the one to seal with. */
  readonly generation: number
}

export const KEY_ID = 8
/** Keys that are handed over at once; one is made for each revoked device. */
const KEYS_LIMIT = 1_024
const GENERATIONS = 2 ** 32
const VERSION = 1
const INFO = utf8('dchat/archive/v1')

const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'archive keys', reason })

export const makeArchiveKey = (random: (length: number) => Uint8Array, generation: number): ArchiveKey => ({
  id: random(KEY_ID),
  secret: random(32),
  generation,
})

/** The key to seal with: all who know the same keys take the same one. */
export const newestKey = (keys: readonly ArchiveKey[]): ArchiveKey | undefined =>
  [...keys].sort((a, b) => b.generation - a.generation || compareBytes(b.id, a.id))[0]

/** CBOR `[1, [[id, secret, generation] …]]`. */
export const encodeArchiveKeys = (keys: readonly ArchiveKey[]): Uint8Array =>
  encodeCbor([VERSION, keys.map(({ id, secret, generation }) => [id, secret, generation])])

/** Throws `protocol/malformed` and `protocol/too-large` only. */
export const decodeArchiveKeys = (bytes: Uint8Array): readonly ArchiveKey[] => {
  const value = decodeCbor(bytes, 'archive keys', { size: 128 * 1024 })
  if (!Array.isArray(value) || value.length !== 2 || value[0] !== VERSION) throw malformed('version')
  const list: unknown = value[1]
  if (!Array.isArray(list) || list.length > KEYS_LIMIT) throw malformed('list')
  return list.map((item: unknown) => {
    if (!Array.isArray(item) || item.length !== 3) throw malformed('key')
    const [id, secret, generation] = item as unknown[]
    if (!isId(id, KEY_ID) || !isId(secret, 32) || !isCount(generation, GENERATIONS)) throw malformed('key')
    return { id, secret, generation }
  })
}

/** A key for whoever holds the phrase: sealed to the archive key of the identity log. */
export const sealArchiveKey = (crypto: Crypto, logKey: Uint8Array, key: ArchiveKey): Promise<Uint8Array> =>
  crypto.box.seal(logKey, encodeArchiveKeys([key]), INFO)

/** Throws `crypto/cannot-decrypt` or `protocol/malformed`. */
export const openArchiveKey = async (crypto: Crypto, seed: Uint8Array, sealed: Uint8Array): Promise<ArchiveKey> => {
  const [key] = decodeArchiveKeys(await crypto.box.open(seed, sealed, INFO))
  if (key === undefined) throw malformed('it holds no key')
  return key
}
