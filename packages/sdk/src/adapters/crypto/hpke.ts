import type { Hpke } from 'ts-mls/crypto/hpke.js'
import { concat, utf8 } from '../../util/bytes.ts'
import { type AesGcm, NONCE_SIZE } from './aes-gcm.ts'
import { type Kdf, labeled } from './kdf.ts'
import type { Kem } from './kem.ts'

const EMPTY = new Uint8Array()

/** What an HPKE suite is made of; `ids` are the numbers of its KDF and AEAD in HPKE's registry. */
export interface HpkeParts<Public, Private> {
  readonly kem: Kem<Public, Private>
  readonly kdf: Kdf
  readonly aead: AesGcm
  readonly ids: readonly [kdf: number, aead: number]
}

/** HPKE in base mode (RFC 9180 5.1.1, 5.2, 5.3), single use. */
export const hpke = <Public, Private>({ kem, kdf, aead, ids }: HpkeParts<Public, Private>): Hpke => {
  const suiteId = concat(utf8('HPKE'), ...[kem.id, ...ids].map((id) => Uint8Array.of(id >> 8, id & 255)))
  const { extract, expand } = labeled(kdf, suiteId)
  const { seal, open, keyLength } = aead
  const baseMode = concat(Uint8Array.of(0), extract(EMPTY, 'psk_id_hash'))

  const schedule = (shared: Uint8Array, info: Uint8Array) => {
    const context = concat(baseMode, extract(EMPTY, 'info_hash', info))
    const secret = extract(shared, 'secret')
    return {
      key: () => expand(secret, 'key', context, keyLength),
      nonce: () => expand(secret, 'base_nonce', context, NONCE_SIZE),
      exported: (exporterContext: Uint8Array, length: number) =>
        expand(expand(secret, 'exp', context, kdf.size), 'sec', exporterContext, length),
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
      const ct = seal(at.key(), at.nonce(), aad, plaintext)
      // What is there already is not awaited: a seeded simulation counts the turns.
      return { enc, ct: ct instanceof Uint8Array ? ct : await ct }
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
