import { Aes128Gcm, Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256, HkdfSha512 } from '@hpke/core'
import { XWing } from '@hpke/hybridkem-x-wing'
import { type Ciphersuite, type CiphersuiteImpl, getCiphersuiteFromName } from 'ts-mls/crypto/ciphersuite.js'
import { makeHashImpl } from 'ts-mls/crypto/implementation/default/makeHashImpl.js'
import { makeKdfImpl } from 'ts-mls/crypto/implementation/default/makeKdfImpl.js'
import { defaultRng } from 'ts-mls/crypto/implementation/default/rng.js'
import { makeGenericHpke } from 'ts-mls/crypto/implementation/hpke.js'
import type { Signature } from 'ts-mls/crypto/signature.js'
import type { MlsPrimitives } from '../../ports/crypto.ts'
import { concat } from '../../util/bytes.ts'

type Subtle = typeof globalThis.crypto.subtle

/** PKCS #8 (RFC 8410) before the 32 bytes of an Ed25519 seed. */
const PKCS8 = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20)
const TAG_SIZE = 16

const ed25519 = (subtle: Subtle): Signature => ({
  sign: async (seed, message) => {
    const key = await subtle.importKey('pkcs8', concat(PKCS8, seed), 'Ed25519', false, ['sign'])
    return new Uint8Array(await subtle.sign('Ed25519', key, message))
  },
  verify: async (publicKey, message, signature) => {
    if (publicKey.length !== 32 || signature.length !== 64) return false
    try {
      const key = await subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify'])
      return await subtle.verify('Ed25519', key, signature, message)
    } catch {
      return false
    }
  },
  keygen: async () => {
    const pair = (await subtle.generateKey('Ed25519', true, ['sign', 'verify'])) as {
      privateKey: never
      publicKey: never
    }
    return {
      signKey: new Uint8Array(await subtle.exportKey('pkcs8', pair.privateKey)).slice(PKCS8.length),
      publicKey: new Uint8Array(await subtle.exportKey('raw', pair.publicKey)),
    }
  },
})

const aesGcm = (subtle: Subtle) => {
  const params = (iv: Uint8Array, additionalData: Uint8Array) => ({
    name: 'AES-GCM',
    iv,
    additionalData,
    tagLength: 8 * TAG_SIZE,
  })
  const use = (key: Uint8Array, usage: 'encrypt' | 'decrypt') => subtle.importKey('raw', key, 'AES-GCM', false, [usage])
  return {
    encrypt: async (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array) =>
      new Uint8Array(await subtle.encrypt(params(nonce, aad), await use(key, 'encrypt'), plaintext)),
    decrypt: async (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array) =>
      new Uint8Array(await subtle.decrypt(params(nonce, aad), await use(key, 'decrypt'), ciphertext)),
  }
}

const implementation = async (suite: Ciphersuite): Promise<CiphersuiteImpl> => {
  const { subtle } = globalThis.crypto
  const large = suite.hpke.aead === 'AES256GCM'
  const hpke = new CipherSuite({
    kem: suite.hpke.kem === 'X-Wing' ? new XWing() : new DhkemX25519HkdfSha256(),
    kdf: large ? new HkdfSha512() : new HkdfSha256(),
    aead: large ? new Aes256Gcm() : new Aes128Gcm(),
  })
  return {
    name: suite.name,
    kdf: makeKdfImpl(large ? new HkdfSha512() : new HkdfSha256()),
    hash: makeHashImpl(subtle as never, suite.hash),
    signature: ed25519(subtle),
    hpke: await makeGenericHpke(suite.hpke, aesGcm(subtle), hpke),
    rng: defaultRng,
  }
}

/** MLS cipher suites over WebCrypto, for browsers. The two suites of dchat only; needs Ed25519 in the platform. */
export const portableMlsPrimitives = (): MlsPrimitives => ({
  suite: async (name) => {
    if (name !== 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519' && name !== 'MLS_256_XWING_AES256GCM_SHA512_Ed25519')
      throw new RangeError('the cipher suite is not one of ours')
    return implementation(getCiphersuiteFromName(name))
  },
})
