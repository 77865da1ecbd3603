import { randomBytes, sign, verify } from 'node:crypto'
import { argon2id } from 'hash-wasm'
import { DchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import { concat } from '../../util/bytes.ts'
import { privateKeys, publicKeys, rawPublic } from './mls-curve-keys-node.ts'
import { plain } from './mls-hkdf-node.ts'
import { aesGcm, nodeHpke } from './mls-hpke-node.ts'
import type { RandomBytes } from './mls-kem.ts'
import { nodeMlsPrimitives } from './mls-node.ts'
import { xWingKem } from './mls-xwing.ts'

const ENC_LENGTH = 1120

const cannotDecrypt = (reason: string, cause?: unknown) =>
  new DchatError('crypto/cannot-decrypt', { epoch: 0, reason }, { cause })

const ed25519 = (): Crypto['ed25519'] => {
  const publicOf = publicKeys('ed25519')
  const privateOf = privateKeys('ed25519')
  return {
    publicKey: async (seed) => rawPublic(privateOf(seed)),
    sign: async (seed, message) => plain(sign(null, message, privateOf(seed))),
    verify: async (publicKey, message, signature) => {
      if (publicKey.length !== 32 || signature.length !== 64) return false
      try {
        return verify(null, message, publicOf(publicKey), signature)
      } catch {
        return false
      }
    },
  }
}

const aead = (): Crypto['aead'] => {
  const { seal, open } = aesGcm(32)
  return {
    seal: async (key, nonce, plaintext, aad) => seal(key, nonce, aad, plaintext),
    open: async (key, nonce, ciphertext, aad) => {
      try {
        return open(key, nonce, aad, ciphertext)
      } catch (cause) {
        throw cannotDecrypt('the key is another one or the data was changed', cause)
      }
    },
  }
}

/** HPKE base mode: X-Wing, HKDF-SHA256, AES-256-GCM. */
const box = (random?: RandomBytes): Crypto['box'] => {
  const kem = xWingKem(random)
  const hpke = nodeHpke(kem, 'sha256', { kdf: 1, aead: 2, keyLength: 32 })
  return {
    publicKey: async (seed) => kem.exportPublic((await kem.derive(seed)).publicKey),
    seal: async (publicKey, plaintext, info) => {
      const { enc, ct } = await hpke.seal(await hpke.importPublicKey(publicKey), plaintext, info)
      return concat(enc, ct)
    },
    open: async (seed, sealed, info) => {
      if (sealed.length <= ENC_LENGTH) throw cannotDecrypt('it is too short for a sealed box')
      try {
        const { privateKey } = await hpke.deriveKeyPair(seed)
        return await hpke.open(privateKey, sealed.subarray(0, ENC_LENGTH), sealed.subarray(ENC_LENGTH), info)
      } catch (cause) {
        throw cannotDecrypt('it was sealed to another key or was changed', cause)
      }
    },
  }
}

export interface NodeCryptoOptions {
  /** Replaces the system's source of randomness everywhere, ephemeral keys included: for simulations, never for people. */
  readonly random?: RandomBytes
}

/** The crypto port over `node:crypto`; argon2id in WebAssembly. */
export const nodeCrypto = ({ random }: NodeCryptoOptions = {}): Crypto => ({
  random: random ?? ((length) => plain(randomBytes(length))),
  ed25519: ed25519(),
  aead: aead(),
  box: box(random),
  argon2id: (password, salt, { memory, passes }) =>
    argon2id({
      password,
      salt,
      memorySize: memory,
      iterations: passes,
      parallelism: 1,
      hashLength: 32,
      outputType: 'binary',
    }),
  mls: nodeMlsPrimitives(random),
})
