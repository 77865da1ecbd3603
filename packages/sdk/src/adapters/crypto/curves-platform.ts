import { webPrivateKeys, webPublicKeys } from './curve-keys-web.ts'
import type { Ed25519, X25519 } from './curves.ts'
import { subtle } from './subtle.ts'

/** The point with u = 9 (RFC 7748 4.1): what it shares with a private key is the public key. */
const BASE_POINT = Uint8Array.of(9, ...new Uint8Array(31))

export const platformEd25519 = (): Ed25519 => {
  const publicOf = webPublicKeys('ed25519')
  const privateOf = webPrivateKeys('ed25519')
  return {
    sign: async (seed, message) => new Uint8Array(await subtle().sign('Ed25519', await privateOf(seed), message)),
    verify: async (publicKey, message, signature) =>
      subtle().verify('Ed25519', await publicOf(publicKey), signature, message),
  }
}

export const platformX25519 = (): X25519 => {
  const publicOf = webPublicKeys('x25519')
  const privateOf = webPrivateKeys('x25519')
  const shared = async (privateKey: Uint8Array, publicKey: Uint8Array): Promise<Uint8Array> => {
    const key = await privateOf(privateKey)
    const bits = await subtle().deriveBits({ name: 'X25519', public: await publicOf(publicKey) }, key, 256)
    const point = new Uint8Array(bits)
    if (point.every((byte) => byte === 0)) throw new RangeError('a point of small order')
    return point
  }
  return { publicKey: (privateKey) => shared(privateKey, BASE_POINT), shared }
}
