import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { type Curve, exactly32, pkcs8 } from './curve-keys.ts'
import { plain } from './kdf-node.ts'

/** Names of the curves in a JWK (RFC 8037), which Node reads nine times as fast as DER. */
const CRV = { x25519: 'X25519', ed25519: 'Ed25519' } as const

const CACHED = 2048

/** Imports and remembers public keys; the least recently used one goes first. */
export const publicKeys = (curve: Curve): ((raw: Uint8Array) => KeyObject) => {
  const known = new Map<string, KeyObject>()
  return (raw) => {
    exactly32(raw)
    const x = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('base64url')
    const key = known.get(x) ?? createPublicKey({ key: { kty: 'OKP', crv: CRV[curve], x }, format: 'jwk' })
    known.delete(x)
    known.set(x, key)
    if (known.size > CACHED) known.delete(known.keys().next().value as string)
    return key
  }
}

const throughDer = (curve: Curve, raw: Uint8Array): KeyObject => {
  const der = pkcs8(curve, raw)
  const key = createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' })
  der.fill(0)
  return key
}

/** Node computes the public half by itself. */
const throughJwk = (curve: Curve, raw: Uint8Array): KeyObject =>
  createPrivateKey({
    key: { kty: 'OKP', crv: CRV[curve], d: Buffer.from(raw).toString('base64url'), x: '' },
    format: 'jwk',
  })

export interface PrivateKeyOptions {
  /** False for a simulation, whose seeded keys are no secrets. Default: true. */
  readonly secret?: boolean
}

/**
 * Imports private keys and remembers them by the buffer that holds them, never by their content. They pass through DER
 * and not through a JWK, although that is slower: bytes can be zeroed, text cannot. What is no secret takes the short way.
 */
export const privateKeys = (
  curve: Curve,
  { secret = true }: PrivateKeyOptions = {},
): ((raw: Uint8Array) => KeyObject) => {
  const known = new WeakMap<Uint8Array, KeyObject>()
  return (raw) => {
    exactly32(raw)
    const cached = known.get(raw)
    if (cached !== undefined) return cached
    const key = secret ? throughDer(curve, raw) : throughJwk(curve, raw)
    known.set(raw, key)
    return key
  }
}

/** The 32 raw bytes of the public key that belongs to an imported private one. */
export const rawPublic = (privateKey: KeyObject): Uint8Array =>
  new Uint8Array(Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '', 'base64url'))

/** The point with u = 9 (RFC 7748 4.1): what it shares with a private key is the public key. */
const BASE_POINT = Uint8Array.of(9, ...new Uint8Array(31))

/**
 * Makes X25519 pairs to be used once; the private half never is bytes here. A key that Node generated must not be
 * exported: exporting holds the key's lock while it allocates, a garbage collection in there finalizes the generator,
 * which waits for that lock, and the process stands still (seen on Node 20.20). So the public half is computed.
 */
export const ephemeralPairs = (): (() => { privateKey: KeyObject; publicRaw: Uint8Array }) => {
  const publicKey = publicKeys('x25519')(BASE_POINT)
  return () => {
    const { privateKey } = generateKeyPairSync('x25519')
    return { privateKey, publicRaw: plain(diffieHellman({ privateKey, publicKey })) }
  }
}
