import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { concat } from '../../util/bytes.ts'
import { plain } from './mls-hkdf-node.ts'

type Curve = 'x25519' | 'ed25519'

/** The fixed fronts of PKCS #8 and SPKI (RFC 8410) before 32 raw bytes. */
const OID = { x25519: 0x6e, ed25519: 0x70 } as const
const privateFront = (curve: Curve) =>
  Uint8Array.of(0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, OID[curve], 0x04, 0x22, 0x04, 0x20)
const publicFront = (curve: Curve) =>
  Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, OID[curve], 0x03, 0x21, 0x00)

const exactly32 = (raw: Uint8Array): void => {
  if (raw.length !== 32) throw new RangeError('a key has 32 bytes')
}

const CACHED = 2048

/** Imports and remembers public keys; the least recently used one goes first. */
export const publicKeys = (curve: Curve): ((raw: Uint8Array) => KeyObject) => {
  const front = publicFront(curve)
  const known = new Map<string, KeyObject>()
  return (raw) => {
    exactly32(raw)
    const name = Buffer.from(raw.buffer, raw.byteOffset, raw.length).toString('latin1')
    const key =
      known.get(name) ?? createPublicKey({ key: Buffer.from(concat(front, raw)), format: 'der', type: 'spki' })
    known.delete(name)
    known.set(name, key)
    if (known.size > CACHED) known.delete(known.keys().next().value as string)
    return key
  }
}

/** Imports private keys and remembers them by the buffer that holds them, never by their content. */
export const privateKeys = (curve: Curve): ((raw: Uint8Array) => KeyObject) => {
  const front = privateFront(curve)
  const known = new WeakMap<Uint8Array, KeyObject>()
  return (raw) => {
    exactly32(raw)
    const cached = known.get(raw)
    if (cached !== undefined) return cached
    const der = concat(front, raw)
    const key = createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' })
    der.fill(0)
    known.set(raw, key)
    return key
  }
}

/** The 32 raw bytes of the public key that belongs to a private one. */
export const rawPublic = (privateKey: KeyObject): Uint8Array =>
  plain(createPublicKey(privateKey).export({ format: 'der', type: 'spki' })).slice(-32)
