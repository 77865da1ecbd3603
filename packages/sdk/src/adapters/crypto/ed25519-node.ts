import { sign, verify } from 'node:crypto'
import type { Crypto } from '../../ports/crypto.ts'
import { type PrivateKeyOptions, privateKeys, publicKeys, rawPublic } from './curve-keys-node.ts'
import { plain } from './kdf-node.ts'

/** Ed25519 over `node:crypto`: it computes at once. */
export const nodeEd25519 = (options?: PrivateKeyOptions): Crypto['ed25519'] => {
  const publicOf = publicKeys('ed25519')
  const privateOf = privateKeys('ed25519', options)
  return {
    publicKey: async (seed) => rawPublic(privateOf(seed)),
    sign: async (seed, message) => plain(sign(null, message, privateOf(seed))),
    verify: async (publicKey, message, signature) => {
      if (publicKey.length !== 32 || signature.length !== 64) return false
      try {
        return verify(null, message, publicOf(publicKey), signature)
      } catch {
        return false
      }
    },
  }
}
