import nacl from 'tweetnacl'
import type { Crypto } from '../../ports/crypto.ts'
import { exactly32 } from './curve-keys.ts'
import type { WebCurves } from './curves-web.ts'

/** The port's Ed25519 over what the platform has. */
export const webEd25519 = (curves: WebCurves): Crypto['ed25519'] => {
  const publicKeys = new WeakMap<Uint8Array, Uint8Array>()
  return {
    // WebCrypto gives the public half of a seed only together with the seed as text, and text cannot be zeroed.
    publicKey: async (seed) => {
      exactly32(seed)
      const known = publicKeys.get(seed)
      if (known !== undefined) return known.slice()
      const { publicKey, secretKey } = nacl.sign.keyPair.fromSeed(seed)
      secretKey.fill(0)
      publicKeys.set(seed, publicKey)
      return publicKey.slice()
    },
    sign: async (seed, message) => {
      exactly32(seed)
      return (await curves.ed25519()).sign(seed, message)
    },
    verify: async (publicKey, message, signature) => {
      if (publicKey.length !== 32 || signature.length !== 64) return false
      const { verify } = await curves.ed25519()
      try {
        return await verify(publicKey, message, signature)
      } catch {
        return false
      }
    },
  }
}
