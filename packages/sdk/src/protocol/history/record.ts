import { DchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import type { Address } from '../../records/ids.ts'
import { concat, equalBytes } from '../../util/bytes.ts'
import { hkdfSha256 } from '../../util/hash.ts'
import { pad, unpad } from '../topic/padding.ts'
import { statement } from '../wire/cbor.ts'
import { type ArchiveKey, KEY_ID } from './archive-key.ts'

const SALT = 24
const ZERO = new Uint8Array(12)

const keyOf = (secret: Uint8Array, salt: Uint8Array): Uint8Array =>
  hkdfSha256(secret, 'dchat/archive-record/v1', 32, salt)

const place = (address: Address, slot: Uint8Array): Uint8Array => statement('archive-record', [address, slot])

/**
 * What stands in a slot: id of the archive key ‖ 24 random bytes ‖ AES-256-GCM of the padded bytes, under a key of its own.
 * The slot is part of what is authenticated, so a relay cannot exchange slots. The length is one of the classes of the wrap.
 */
export const sealRecord = async (
  crypto: Crypto,
  key: ArchiveKey,
  address: Address,
  slot: Uint8Array,
  plaintext: Uint8Array,
): Promise<Uint8Array> => {
  const salt = crypto.random(SALT)
  const sealed = await crypto.aead.seal(keyOf(key.secret, salt), ZERO, pad(plaintext), place(address, slot))
  return concat(key.id, salt, sealed)
}

/** Throws `crypto/cannot-decrypt` (also where the key is not among these) or `protocol/malformed`. */
export const openRecord = async (
  crypto: Crypto,
  keys: readonly ArchiveKey[],
  address: Address,
  slot: Uint8Array,
  record: Uint8Array,
): Promise<Uint8Array> => {
  const key = keys.find(({ id }) => equalBytes(id, record.subarray(0, KEY_ID)))
  if (key === undefined) throw closed('its archive key is not here')
  const salt = record.subarray(KEY_ID, KEY_ID + SALT)
  const sealed = record.subarray(KEY_ID + SALT)
  let padded: Uint8Array
  try {
    padded = await crypto.aead.open(keyOf(key.secret, salt), ZERO, sealed, place(address, slot))
  } catch (cause) {
    throw closed('it was sealed for another place, or changed', cause)
  }
  return unpad(padded)
}

const closed = (reason: string, cause?: unknown) =>
  new DchatError('crypto/cannot-decrypt', { epoch: 0, reason }, { cause })
