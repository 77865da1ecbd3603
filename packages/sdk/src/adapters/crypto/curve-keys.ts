import { concat } from '../../util/bytes.ts'

export type Curve = 'x25519' | 'ed25519'

const OID = { x25519: 0x6e, ed25519: 0x70 } as const

export const exactly32 = (raw: Uint8Array): void => {
  if (raw.length !== 32) throw new RangeError('a key has 32 bytes')
}

/** A raw private key as PKCS #8 (RFC 8410). The caller zeroes it. */
export const pkcs8 = (curve: Curve, raw: Uint8Array): Uint8Array =>
  concat(Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, OID[curve], 4, 0x22, 4, 0x20), raw)
