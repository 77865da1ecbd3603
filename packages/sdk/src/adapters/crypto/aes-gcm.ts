/** AES-GCM with 12-byte nonces and 16-byte tags behind the ciphertext; throws or rejects for anything else. */
export interface AesGcm {
  readonly keyLength: 16 | 32
  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array | Promise<Uint8Array>
  open(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array | Promise<Uint8Array>
}

export const TAG_SIZE = 16
export const NONCE_SIZE = 12

/** WebCrypto would take a key of another length as another cipher, and both take other nonces. */
export const checkAesGcm = (keyLength: 16 | 32, key: Uint8Array, nonce: Uint8Array): void => {
  if (key.length !== keyLength) throw new RangeError(`a key has ${keyLength} bytes`)
  if (nonce.length !== NONCE_SIZE) throw new RangeError(`a nonce has ${NONCE_SIZE} bytes`)
}

/** Node 20 would take tags of 4 bytes, so short ciphertexts are refused before a cipher sees them. */
export const checkTag = (ciphertext: Uint8Array): void => {
  if (ciphertext.length < TAG_SIZE) throw new RangeError('a ciphertext without a tag')
}
