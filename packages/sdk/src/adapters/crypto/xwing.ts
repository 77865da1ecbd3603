import { XWing } from '@hpke/hybridkem-x-wing'
import type { Kem, RandomBytes } from './kem.ts'

/** Bytes of randomness in an encapsulation: 32 for each of the two halves. */
const EKM_LENGTH = 64

type Key = Awaited<ReturnType<XWing['deserializePublicKey']>>

/**
 * X-Wing (X25519 with ML-KEM-768) through the HPKE library; the key schedule around it is the caller's.
 * `random` replaces the system's source: for simulations.
 */
export const xWingKem = (random?: RandomBytes): Kem<Key, Key> => {
  const kem = new XWing()
  const bytes = async (buffer: Promise<ArrayBuffer>) => new Uint8Array(await buffer)
  return {
    id: kem.id,
    importPublic: (raw) => kem.deserializePublicKey(raw),
    importPrivate: (raw) => kem.deserializePrivateKey(raw),
    exportPublic: (key) => bytes(kem.serializePublicKey(key)),
    exportPrivate: (key) => bytes(kem.serializePrivateKey(key)),
    generate: () => (random ? kem.deriveKeyPair(random(32)) : kem.generateKeyPair()),
    derive: (ikm) => kem.deriveKeyPair(ikm),
    encap: async (recipientPublicKey) => {
      const ekm = random?.(EKM_LENGTH)
      const { sharedSecret, enc } = await kem.encap({ recipientPublicKey, ...(ekm && { ekm }) })
      return { secret: new Uint8Array(sharedSecret), enc: new Uint8Array(enc) }
    },
    decap: (recipientKey, enc) => bytes(kem.decap({ recipientKey, enc: enc.slice().buffer })),
  }
}
