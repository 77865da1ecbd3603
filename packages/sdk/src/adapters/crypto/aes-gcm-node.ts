import { createCipheriv, createDecipheriv } from 'node:crypto'
import { concat } from '../../util/bytes.ts'
import { type AesGcm, checkAesGcm, checkTag, TAG_SIZE } from './aes-gcm.ts'

export const nodeAesGcm = (keyLength: 16 | 32): AesGcm => {
  const name = keyLength === 16 ? 'aes-128-gcm' : 'aes-256-gcm'
  return {
    keyLength,
    seal: (key, nonce, aad, plaintext) => {
      checkAesGcm(keyLength, key, nonce)
      const cipher = createCipheriv(name, key, nonce, { authTagLength: TAG_SIZE })
      cipher.setAAD(aad)
      return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag())
    },
    open: (key, nonce, aad, ciphertext) => {
      checkAesGcm(keyLength, key, nonce)
      checkTag(ciphertext)
      const at = ciphertext.length - TAG_SIZE
      const decipher = createDecipheriv(name, key, nonce, { authTagLength: TAG_SIZE })
      decipher.setAAD(aad)
      decipher.setAuthTag(ciphertext.subarray(at))
      return concat(decipher.update(ciphertext.subarray(0, at)), decipher.final())
    },
  }
}
