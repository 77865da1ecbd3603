import { createPrivateKey, createPublicKey, randomBytes, sign, verify } from 'node:crypto'
import type { Clock, Crypto } from '@dchat/sdk/wire'

const PRIVATE = Buffer.from('302e020100300506032b657004220420', 'hex')
const PUBLIC = Buffer.from('302a300506032b6570032100', 'hex')

const privateKey = (seed: Uint8Array) =>
  createPrivateKey({ key: Buffer.concat([PRIVATE, seed]), format: 'der', type: 'pkcs8' })
const publicKey = (key: Uint8Array) =>
  createPublicKey({ key: Buffer.concat([PUBLIC, key]), format: 'der', type: 'spki' })

export const testCrypto: Pick<Crypto, 'ed25519' | 'random'> = {
  random: (length) => new Uint8Array(randomBytes(length)),
  ed25519: {
    publicKey: async (seed) =>
      new Uint8Array(createPublicKey(privateKey(seed)).export({ format: 'der', type: 'spki' }).subarray(PUBLIC.length)),
    sign: async (seed, message) => new Uint8Array(sign(null, message, privateKey(seed))),
    verify: async (key, message, signature) => {
      try {
        return verify(null, message, publicKey(key), signature)
      } catch {
        return false
      }
    },
  },
}

/** Real sleeping, a time that tests may move. */
export const testClock = (start = Date.now()): Clock & { offset: number } => {
  const clock = {
    offset: start - Date.now(),
    now: () => Date.now() + clock.offset,
    sleep: (ms: number, { signal }: { signal?: AbortSignal | undefined } = {}) =>
      new Promise<void>((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const timer = setTimeout(resolve, ms)
        timer.unref()
        signal?.addEventListener('abort', () => {
          clearTimeout(timer)
          reject(signal.reason)
        })
      }),
  }
  return clock
}
