import { DchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import { concat } from '../../util/bytes.ts'
import type { AesGcm } from './aes-gcm.ts'
import { hpke } from './hpke.ts'
import type { Kdf } from './kdf.ts'
import type { Kem } from './kem.ts'

const ENC_LENGTH = 1120

const cannotDecrypt = (reason: string, cause?: unknown) =>
  new DchatError('crypto/cannot-decrypt', { epoch: 0, reason }, { cause })

/** The port's `aead` over an AES-256-GCM. */
export const aeadOf = ({ seal, open }: AesGcm): Crypto['aead'] => ({
  seal: async (key, nonce, plaintext, aad) => seal(key, nonce, aad, plaintext),
  open: async (key, nonce, ciphertext, aad) => {
    try {
      // As in hpke.ts: what is there already is not awaited.
      const opened = open(key, nonce, aad, ciphertext)
      return opened instanceof Uint8Array ? opened : await opened
    } catch (cause) {
      throw cannotDecrypt('the key is another one or the data was changed', cause)
    }
  },
})

/** The port's `box`: HPKE base mode with X-Wing, HKDF-SHA256 and AES-256-GCM. */
export const boxOf = <Public, Private>(kem: Kem<Public, Private>, kdf: Kdf, aead: AesGcm): Crypto['box'] => {
  const suite = hpke({ kem, kdf, aead, ids: [1, 2] })
  return {
    publicKey: async (seed) => kem.exportPublic((await kem.derive(seed)).publicKey),
    seal: async (publicKey, plaintext, info) => {
      const { enc, ct } = await suite.seal(await suite.importPublicKey(publicKey), plaintext, info)
      return concat(enc, ct)
    },
    open: async (seed, sealed, info) => {
      if (sealed.length <= ENC_LENGTH) throw cannotDecrypt('it is too short for a sealed box')
      try {
        const { privateKey } = await suite.deriveKeyPair(seed)
        return await suite.open(privateKey, sealed.subarray(0, ENC_LENGTH), sealed.subarray(ENC_LENGTH), info)
      } catch (cause) {
        throw cannotDecrypt('it was sealed to another key or was changed', cause)
      }
    },
  }
}
