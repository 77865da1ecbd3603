import nacl from 'tweetnacl'

/**
 * Root and recovery signatures: Ed25519 from a seed, synchronous and the same on every platform. They are rare, so
 * tweetnacl's few milliseconds do not matter, and one implementation everywhere means that all agree on validity.
 */
export interface SigningKey {
  readonly publicKey: Uint8Array
  /** 64 bytes: seed ‖ public key. */
  readonly secretKey: Uint8Array
}

export const signingKeyOf = (seed: Uint8Array): SigningKey => nacl.sign.keyPair.fromSeed(seed)

export const publicKeyOf = (secretKey: Uint8Array): Uint8Array => secretKey.slice(32)

export const signWith = (secretKey: Uint8Array, message: Uint8Array): Uint8Array =>
  nacl.sign.detached(message, secretKey)

/** The order of the base point, little-endian (RFC 8032 5.1). */
const ORDER = [
  0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0,
  0, 0, 0, 0, 0, 0, 0, 0, 0x10,
]

/** RFC 8032 5.1.7 asks for S below the order; tweetnacl does not check, and anyone could make a second signature. */
export const isCanonical = (signature: Uint8Array): boolean => {
  if (signature.length !== 64) return false
  for (let i = 31; i >= 0; i--) {
    const difference = (signature[32 + i] as number) - (ORDER[i] as number)
    if (difference !== 0) return difference < 0
  }
  return false
}

/** Never throws: false for keys and signatures of wrong length. */
export const verifyWith = (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean =>
  publicKey.length === 32 && isCanonical(signature) && nacl.sign.detached.verify(message, signature, publicKey)
