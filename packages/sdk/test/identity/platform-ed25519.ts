import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import type { Crypto } from '../../src/ports/crypto.ts'

/** The platform's Ed25519 behind the port: a second implementation beside tweetnacl. */
const publicKeyObject = (key: Uint8Array): KeyObject =>
  createPublicKey({
    format: 'jwk',
    key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(key).toString('base64url') },
  })

const privateKeyObject = (seed: Uint8Array): KeyObject =>
  createPrivateKey({
    format: 'der',
    type: 'pkcs8',
    key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]),
  })

export const platformEd25519: Crypto['ed25519'] = {
  publicKey: async (seed) => {
    const { x = '' } = createPublicKey(privateKeyObject(seed)).export({ format: 'jwk' })
    return new Uint8Array(Buffer.from(x, 'base64url'))
  },
  sign: async (seed, message) => new Uint8Array(sign(null, message, privateKeyObject(seed))),
  verify: async (publicKey, message, signature) => {
    try {
      return verify(null, message, publicKeyObject(publicKey), signature)
    } catch {
      return false
    }
  },
}
