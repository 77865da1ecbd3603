import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { ed25519 } from '@noble/curves/ed25519.js'
import type { Crypto } from '../../src/ports/crypto.ts'

/** The few primitives that topics and links use, from other libraries than the adapters take. */
export const testCrypto: Pick<Crypto, 'random' | 'ed25519' | 'aead'> = {
  random: (length) => new Uint8Array(randomBytes(length)),
  ed25519: {
    publicKey: async (seed) => ed25519.getPublicKey(seed),
    sign: async (seed, message) => ed25519.sign(message, seed),
    verify: async (publicKey, message, signature) => {
      try {
        return ed25519.verify(signature, message, publicKey)
      } catch {
        return false
      }
    },
  },
  aead: {
    seal: async (key, nonce, plaintext, aad) => {
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      cipher.setAAD(aad)
      return new Uint8Array(Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]))
    },
    open: async (key, nonce, ciphertext, aad) => {
      const decipher = createDecipheriv('aes-256-gcm', key, nonce)
      decipher.setAAD(aad)
      decipher.setAuthTag(ciphertext.subarray(-16))
      return new Uint8Array(Buffer.concat([decipher.update(ciphertext.subarray(0, -16)), decipher.final()]))
    },
  },
}
