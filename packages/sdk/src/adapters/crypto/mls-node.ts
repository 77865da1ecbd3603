import { randomBytes, sign, verify } from 'node:crypto'
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js'
import type { Signature } from 'ts-mls/crypto/signature.js'
import type { MlsPrimitives } from '../../ports/crypto.ts'
import { privateKeys, publicKeys, rawPublic } from './mls-curve-keys-node.ts'
import { digest, expand, hashSize, mac, macEquals, type NodeHash, plain } from './mls-hkdf-node.ts'
import { nodeHpke } from './mls-hpke-node.ts'
import type { RandomBytes } from './mls-kem.ts'
import { x25519Kem } from './mls-x25519-node.ts'
import { xWingKem } from './mls-xwing.ts'

const systemRandom: RandomBytes = (length) => plain(randomBytes(length))

const ed25519 = (random: RandomBytes): Signature => {
  const publicOf = publicKeys('ed25519')
  const privateOf = privateKeys('ed25519')
  return {
    sign: async (seed, message) => plain(sign(null, message, privateOf(seed))),
    verify: async (publicKey, message, signature) => {
      if (publicKey.length !== 32 || signature.length !== 64) return false
      return verify(null, message, publicOf(publicKey), signature)
    },
    keygen: async () => {
      const signKey = random(32)
      return { signKey, publicKey: rawPublic(privateOf(signKey)) }
    },
  }
}

const implementation = (
  name: CiphersuiteImpl['name'],
  hash: NodeHash,
  hpke: CiphersuiteImpl['hpke'],
  signature: Signature,
  random: RandomBytes,
): CiphersuiteImpl => ({
  name,
  hpke,
  signature,
  hash: {
    digest: async (bytes) => digest(hash, bytes),
    mac: async (key, bytes) => mac(hash, key, bytes),
    verifyMac: async (key, tag, bytes) => macEquals(mac(hash, key, bytes), tag),
  },
  kdf: {
    extract: async (salt, ikm) => mac(hash, salt, ikm),
    expand: async (key, info, length) => expand(hash, key, info, length),
    size: hashSize(hash),
  },
  rng: { randomBytes: random },
})

/**
 * MLS cipher suites over `node:crypto`: everything small is synchronous beneath the asynchronous interface and keys
 * are imported once, which makes a message several times faster than with WebCrypto. It interoperates with it.
 * `seeded` replaces the system's source of randomness: for simulations.
 */
export const nodeMlsPrimitives = (seeded?: RandomBytes): MlsPrimitives => {
  const random = seeded ?? systemRandom
  const signature = ed25519(random)
  const x25519 = x25519Kem(seeded)
  const xWing = xWingKem(seeded)
  const suites: Record<string, () => CiphersuiteImpl> = {
    MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519: () =>
      implementation(
        'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519',
        'sha256',
        nodeHpke(x25519, 'sha256', { kdf: 1, aead: 1, keyLength: 16 }),
        signature,
        random,
      ),
    MLS_256_XWING_AES256GCM_SHA512_Ed25519: () =>
      implementation(
        'MLS_256_XWING_AES256GCM_SHA512_Ed25519',
        'sha512',
        nodeHpke(xWing, 'sha512', { kdf: 3, aead: 2, keyLength: 32 }),
        signature,
        random,
      ),
  }
  return {
    suite: async (name) => {
      const make = Object.hasOwn(suites, name) ? suites[name] : undefined
      if (make === undefined) throw new RangeError('the cipher suite is not one of ours')
      return make()
    },
  }
}
