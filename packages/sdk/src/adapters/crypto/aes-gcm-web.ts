import { type AesGcm, checkAesGcm, checkTag, TAG_SIZE } from './aes-gcm.ts'
import { subtle } from './subtle.ts'

const params = (iv: Uint8Array, additionalData: Uint8Array) => ({
  name: 'AES-GCM',
  iv,
  additionalData,
  tagLength: 8 * TAG_SIZE,
})

/** Over WebCrypto. Each key seals one message, in MLS and in the wrap of topics, so imports are not kept. */
export const webAesGcm = (keyLength: 16 | 32): AesGcm => {
  const imported = (key: Uint8Array, usage: 'encrypt' | 'decrypt') =>
    subtle().importKey('raw', key, 'AES-GCM', false, [usage])
  return {
    keyLength,
    seal: async (key, nonce, aad, plaintext) => {
      checkAesGcm(keyLength, key, nonce)
      return new Uint8Array(await subtle().encrypt(params(nonce, aad), await imported(key, 'encrypt'), plaintext))
    },
    open: async (key, nonce, aad, ciphertext) => {
      checkAesGcm(keyLength, key, nonce)
      checkTag(ciphertext)
      return new Uint8Array(await subtle().decrypt(params(nonce, aad), await imported(key, 'decrypt'), ciphertext))
    },
  }
}
