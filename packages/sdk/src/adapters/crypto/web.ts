import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core'
import { XWing } from '@hpke/hybridkem-x-wing'
import { DchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import { concat } from '../../util/bytes.ts'
import { systemRandom } from '../../util/system-random.ts'
import { portableMlsPrimitives } from './mls-portable.ts'

const PKCS8 = Uint8Array.of(0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20)
const ENC_LENGTH = 1120

const cannotDecrypt = (reason: string, cause?: unknown) =>
  new DchatError('crypto/cannot-decrypt', { epoch: 0, reason }, { cause })

const ed25519 = (): Crypto['ed25519'] => {
  const { subtle } = globalThis.crypto
  return {
    publicKey: async (seed) => {
      const key = await subtle.importKey('pkcs8', concat(PKCS8, seed), 'Ed25519', true, ['sign'])
      const { x = '' } = await subtle.exportKey('jwk', key)
      return Uint8Array.from(atob(x.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
    },
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
  }
}

const aead = (): Crypto['aead'] => {
  const { subtle } = globalThis.crypto
  const params = (iv: Uint8Array, additionalData: Uint8Array) => ({
    name: 'AES-GCM',
    iv,
    additionalData,
    tagLength: 128,
  })
  const use = (key: Uint8Array) => subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt'])
  return {
    seal: async (key, nonce, plaintext, aad) =>
      new Uint8Array(await subtle.encrypt(params(nonce, aad), await use(key), plaintext)),
    open: async (key, nonce, ciphertext, aad) => {
      try {
        return new Uint8Array(await subtle.decrypt(params(nonce, aad), await use(key), ciphertext))
      } catch (cause) {
        throw cannotDecrypt('the key is another one or the data was changed', cause)
      }
    },
  }
}

const buffer = (bytes: Uint8Array): ArrayBuffer => bytes.slice().buffer as ArrayBuffer

const box = (): Crypto['box'] => {
  const hpke = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })
  return {
    publicKey: async (seed) => {
      const { publicKey } = await hpke.kem.deriveKeyPair(buffer(seed))
      return new Uint8Array(await hpke.kem.serializePublicKey(publicKey))
    },
    seal: async (publicKey, plaintext, info) => {
      const recipientPublicKey = await hpke.kem.deserializePublicKey(buffer(publicKey))
      const { enc, ct } = await hpke.seal({ recipientPublicKey, info: buffer(info) }, buffer(plaintext))
      return concat(new Uint8Array(enc), new Uint8Array(ct))
    },
    open: async (seed, sealed, info) => {
      if (sealed.length <= ENC_LENGTH) throw cannotDecrypt('it is too short for a sealed box')
      try {
        const { privateKey } = await hpke.kem.deriveKeyPair(buffer(seed))
        const enc = buffer(sealed.subarray(0, ENC_LENGTH))
        const opened = await hpke.open(
          { recipientKey: privateKey, enc, info: buffer(info) },
          buffer(sealed.subarray(ENC_LENGTH)),
        )
        return new Uint8Array(opened)
      } catch (cause) {
        throw cannotDecrypt('it was sealed to another key or was changed', cause)
      }
    },
  }
}

/** The crypto port over the platform's WebCrypto; argon2id in WebAssembly. */
export const webCrypto = (): Crypto => ({
  random: systemRandom,
  ed25519: ed25519(),
  aead: aead(),
  box: box(),
  argon2id: async (password, salt, { memory, passes }) => {
    const { argon2id } = await import('hash-wasm')
    return argon2id({
      password,
      salt,
      memorySize: memory,
      iterations: passes,
      parallelism: 1,
      hashLength: 32,
      outputType: 'binary',
    })
  },
  mls: portableMlsPrimitives(),
})
