import { type Curve, exactly32, pkcs8 } from './curve-keys.ts'
import { type PlatformKey, subtle } from './subtle.ts'

type Uses = Record<Curve, ('sign' | 'verify' | 'deriveBits')[]>

/** WebCrypto's names, and what each half of a key may do. */
const ALGORITHM = { x25519: 'X25519', ed25519: 'Ed25519' } as const
const PUBLIC_USES: Uses = { x25519: [], ed25519: ['verify'] }
const PRIVATE_USES: Uses = { x25519: ['deriveBits'], ed25519: ['sign'] }

const CACHED = 2048

/** Imports public keys and remembers them by their bytes; the least recently used one goes first. */
export const webPublicKeys = (curve: Curve): ((raw: Uint8Array) => Promise<PlatformKey>) => {
  const known = new Map<string, Promise<PlatformKey>>()
  return async (raw) => {
    exactly32(raw)
    const name = String.fromCharCode(...raw)
    const key = known.get(name) ?? subtle().importKey('raw', raw, ALGORITHM[curve], true, PUBLIC_USES[curve])
    known.delete(name)
    known.set(name, key)
    if (known.size > CACHED) known.delete(known.keys().next().value as string)
    key.catch(() => known.delete(name))
    return key
  }
}

/** Imports private keys and remembers them by the buffer that holds them, never by their content. */
export const webPrivateKeys = (curve: Curve): ((raw: Uint8Array) => Promise<PlatformKey>) => {
  const known = new WeakMap<Uint8Array, Promise<PlatformKey>>()
  return async (raw) => {
    exactly32(raw)
    const cached = known.get(raw)
    if (cached !== undefined) return cached
    const der = pkcs8(curve, raw)
    const key = subtle().importKey('pkcs8', der, ALGORITHM[curve], false, PRIVATE_USES[curve])
    known.set(raw, key)
    try {
      return await key
    } catch (error) {
      known.delete(raw)
      throw error
    } finally {
      der.fill(0)
    }
  }
}
