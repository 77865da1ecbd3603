import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js'
import type { Signature } from 'ts-mls/crypto/signature.js'
import type { Crypto, MlsPrimitives } from '../../ports/crypto.ts'
import type { AesGcm } from './aes-gcm.ts'
import { hpke } from './hpke.ts'
import type { Kdf, KdfHash } from './kdf.ts'
import type { Kem, RandomBytes } from './kem.ts'

/** What a platform brings for dchat's two cipher suites. */
export interface SuiteParts<XPublic, XPrivate, WPublic, WPrivate> {
  readonly kdf: (hash: KdfHash) => Kdf
  readonly aesGcm: (keyLength: 16 | 32) => AesGcm
  readonly x25519: Kem<XPublic, XPrivate>
  readonly xWing: Kem<WPublic, WPrivate>
  readonly ed25519: Crypto['ed25519']
  readonly random: RandomBytes
}

const signatureOf = ({ publicKey, sign, verify }: Crypto['ed25519'], random: RandomBytes): Signature => ({
  sign,
  verify,
  keygen: async () => {
    const signKey = random(32)
    return { signKey, publicKey: await publicKey(signKey) }
  },
})

/** The two MLS cipher suites of dchat over the parts of a platform. */
export const mlsSuites = <XPublic, XPrivate, WPublic, WPrivate>(
  parts: SuiteParts<XPublic, XPrivate, WPublic, WPrivate>,
): MlsPrimitives => {
  const { kdf: kdfOf, aesGcm, x25519, xWing, ed25519, random } = parts
  const signature = signatureOf(ed25519, random)
  const implementation = (
    name: CiphersuiteImpl['name'],
    kdf: Kdf,
    suite: CiphersuiteImpl['hpke'],
  ): CiphersuiteImpl => ({
    name,
    hpke: suite,
    signature,
    hash: {
      digest: async (bytes) => kdf.digest(bytes),
      mac: async (key, bytes) => kdf.mac(key, bytes),
      verifyMac: async (key, tag, bytes) => kdf.macEquals(kdf.mac(key, bytes), tag),
    },
    kdf: {
      extract: async (salt, ikm) => kdf.mac(salt, ikm),
      expand: async (key, info, length) => kdf.expand(key, info, length),
      size: kdf.size,
    },
    rng: { randomBytes: random },
  })
  const suites: Record<string, () => CiphersuiteImpl> = {
    MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519: () => {
      const kdf = kdfOf('sha256')
      const suite = hpke({ kem: x25519, kdf, aead: aesGcm(16), ids: [1, 1] })
      return implementation('MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519', kdf, suite)
    },
    MLS_256_XWING_AES256GCM_SHA512_Ed25519: () => {
      const kdf = kdfOf('sha512')
      const suite = hpke({ kem: xWing, kdf, aead: aesGcm(32), ids: [3, 2] })
      return implementation('MLS_256_XWING_AES256GCM_SHA512_Ed25519', kdf, suite)
    },
  }
  return {
    suite: async (name) => {
      const make = Object.hasOwn(suites, name) ? suites[name] : undefined
      if (make === undefined) throw new RangeError('the cipher suite is not one of ours')
      return make()
    },
  }
}
