import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Hpke } from 'ts-mls/crypto/hpke.js'
import { concat, utf8 } from '../../util/bytes.ts'
import { hashSize, labeled, type NodeHash } from './mls-hkdf-node.ts'
import type { Kem } from './mls-kem.ts'

const TAG_SIZE = 16
const NONCE_SIZE = 12
const EMPTY = new Uint8Array()

export interface HpkeNumbers {
  readonly kdf: number
  readonly aead: number
  readonly keyLength: 16 | 32
}

/** AES-GCM with 16-byte tags. Node 20 would take tags of 4 bytes, so short ciphertexts are refused before it sees them. */
export const aesGcm = (keyLength: 16 | 32) => {
  const name = keyLength === 16 ? 'aes-128-gcm' : 'aes-256-gcm'
  return {
    seal: (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Uint8Array => {
      const cipher = createCipheriv(name, key, nonce, { authTagLength: TAG_SIZE })
      cipher.setAAD(aad)
      return concat(cipher.update(plaintext), cipher.final(), cipher.getAuthTag())
    },
    open: (key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, ciphertext: Uint8Array): Uint8Array => {
      if (ciphertext.length < TAG_SIZE) throw new RangeError('a ciphertext without a tag')
      const at = ciphertext.length - TAG_SIZE
      const decipher = createDecipheriv(name, key, nonce, { authTagLength: TAG_SIZE })
      decipher.setAAD(aad)
      decipher.setAuthTag(ciphertext.subarray(at))
      return concat(decipher.update(ciphertext.subarray(0, at)), decipher.final())
    },
  }
}

/** HPKE in base mode (RFC 9180 5.1.1, 5.2, 5.3), single use, over a KEM. */
export const nodeHpke = <Public, Private>(kem: Kem<Public, Private>, hash: NodeHash, numbers: HpkeNumbers): Hpke => {
  const { kdf, aead, keyLength } = numbers
  const suiteId = concat(
    utf8('HPKE'),
    Uint8Array.of(kem.id >> 8, kem.id & 255, kdf >> 8, kdf & 255, aead >> 8, aead & 255),
  )
  const { extract, expand } = labeled(hash, suiteId)
  const { seal, open } = aesGcm(keyLength)
  const baseMode = concat(Uint8Array.of(0), extract(EMPTY, 'psk_id_hash'))

  const schedule = (shared: Uint8Array, info: Uint8Array) => {
    const context = concat(baseMode, extract(EMPTY, 'info_hash', info))
    const secret = extract(shared, 'secret')
    return {
      key: () => expand(secret, 'key', context, keyLength),
      nonce: () => expand(secret, 'base_nonce', context, NONCE_SIZE),
      exported: (exporterContext: Uint8Array, length: number) =>
        expand(expand(secret, 'exp', context, hashSize(hash)), 'sec', exporterContext, length),
    }
  }
  // ts-mls types its handles as WebCrypto keys and never looks inside.
  const handles: Pick<Hpke, 'importPublicKey' | 'importPrivateKey' | 'deriveKeyPair' | 'generateKeyPair'> = {
    importPublicKey: async (raw) => (await kem.importPublic(raw)) as never,
    importPrivateKey: async (raw) => (await kem.importPrivate(raw)) as never,
    deriveKeyPair: async (ikm) => (await kem.derive(ikm)) as never,
    generateKeyPair: async () => (await kem.generate()) as never,
  }
  return {
    ...handles,
    exportPublicKey: async (key) => kem.exportPublic(key as Public),
    exportPrivateKey: async (key) => kem.exportPrivate(key as Private),
    seal: async (key, plaintext, info, aad = EMPTY) => {
      const { secret, enc } = await kem.encap(key as Public)
      const at = schedule(secret, info)
      return { enc, ct: seal(at.key(), at.nonce(), aad, plaintext) }
    },
    open: async (key, enc, ciphertext, info, aad = EMPTY) => {
      const at = schedule(await kem.decap(key as Private, enc), info)
      return open(at.key(), at.nonce(), aad, ciphertext)
    },
    exportSecret: async (key, exporterContext, length, info) => {
      const { secret, enc } = await kem.encap(key as Public)
      return { enc, secret: schedule(secret, info).exported(exporterContext, length) }
    },
    importSecret: async (key, exporterContext, enc, length, info) =>
      schedule(await kem.decap(key as Private, enc), info).exported(exporterContext, length),
    encryptAead: async (key, nonce, aad, plaintext) => seal(key, nonce, aad ?? EMPTY, plaintext),
    decryptAead: async (key, nonce, aad, ciphertext) => open(key, nonce, aad ?? EMPTY, ciphertext),
    keyLength,
    nonceLength: NONCE_SIZE,
  }
}
