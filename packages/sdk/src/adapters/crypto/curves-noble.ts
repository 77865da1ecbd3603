import { ed25519, x25519 } from '@noble/curves/ed25519.js'
import { exactly32 } from './curve-keys.ts'
import type { Ed25519, X25519 } from './curves.ts'

/** For browsers without Ed25519. All devices must agree on what is a signature, hence RFC 8032 and not ZIP 215. */
export const nobleEd25519 = (): Ed25519 => ({
  sign: async (seed, message) => {
    exactly32(seed)
    return ed25519.sign(message, seed)
  },
  verify: async (publicKey, message, signature) => ed25519.verify(signature, message, publicKey, { zip215: false }),
})

/** For browsers without X25519. */
export const nobleX25519 = (): X25519 => ({
  publicKey: async (privateKey) => x25519.getPublicKey(privateKey),
  shared: async (privateKey, publicKey) => x25519.getSharedSecret(privateKey, publicKey),
})
