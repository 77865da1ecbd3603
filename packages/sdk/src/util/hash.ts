import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js'
import { utf8 } from './bytes.ts'

/** Synchronous and the same everywhere: ids, heads and Merkle trees are computed inside transactions and reducers. */
export const sha256 = (bytes: Uint8Array): Uint8Array => nobleSha256(bytes)

export const hmacSha256 = (key: Uint8Array, bytes: Uint8Array): Uint8Array => hmac(nobleSha256, key, bytes)

/** The same for many texts under one key, which is prepared once: half the time for short ones. */
export const hmacSha256Under = (key: Uint8Array): ((bytes: Uint8Array) => Uint8Array) => {
  const prepared = hmac.create(nobleSha256, key)
  return (bytes) => prepared.clone().update(bytes).digest()
}

/** HKDF-SHA256 (RFC 5869) with a label as `info`. */
export const hkdfSha256 = (secret: Uint8Array, label: string, length: number, salt?: Uint8Array): Uint8Array =>
  hkdf(nobleSha256, secret, salt, utf8(label), length)
