import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign, verify } from 'node:crypto'
import { setImmediate, setTimeout as sleep } from 'node:timers/promises'
import type { Clock, Crypto } from '@dchat/sdk/wire'

/**
 * What a relay needs of its platform: Ed25519, randomness and time. It is all in Node, so a relay loads nothing of the
 * client for it.
 */
export type RelayCrypto = Pick<Crypto, 'ed25519' | 'random'>

/** DER around the 32 bytes of an Ed25519 key (RFC 8410). */
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

const privateKey = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' })

export const relayCrypto = (): RelayCrypto => {
  // A relay signs with one key only.
  let last: { seed: Uint8Array; key: KeyObject } | undefined
  const keyOf = (seed: Uint8Array): KeyObject => {
    if (last?.seed !== seed) last = { seed, key: privateKey(seed) }
    return last.key
  }
  return {
    random: (length) => new Uint8Array(randomBytes(length)),
    ed25519: {
      publicKey: async (seed) => {
        const der = createPublicKey(keyOf(seed)).export({ format: 'der', type: 'spki' })
        return new Uint8Array(der.subarray(PUBLIC_PREFIX.length))
      },
      sign: async (seed, message) => new Uint8Array(sign(null, message, keyOf(seed))),
      verify: async (publicKey, message, signature) => {
        try {
          const key = createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, publicKey]), format: 'der', type: 'spki' })
          return verify(null, message, key, signature)
        } catch {
          return false
        }
      },
    },
  }
}

/** Hex of an id, for maps: what `toHex` says, five times as fast. */
export const nameOf = (id: Uint8Array): string => Buffer.from(id.buffer, id.byteOffset, id.byteLength).toString('hex')

/** The same, for callers that ask for one id several times in a row: the last one is known. */
export const rememberingNames = (): typeof nameOf => {
  let last: Uint8Array | undefined
  let name = ''
  return (id) => {
    if (id === last) return name
    last = id
    name = nameOf(id)
    return name
  }
}

/** Lets everything that is ready go first: a turn of the event loop. */
export type Turns = () => Promise<void>

export const nextTurn: Turns = () => setImmediate()

/** ms from the beginning of one group commit to that of the next. */
const GATHER = 2

/**
 * Turns for the group commit. A lone message waits for nothing; where they come faster than one in two milliseconds, each
 * turn takes what came in that time: it costs several times what one more message in it does.
 */
export const gatheringTurns = (): Turns => {
  let last = Number.NEGATIVE_INFINITY
  return async () => {
    const early = last + GATHER - performance.now()
    if (early >= 1) await sleep(Math.floor(early))
    await setImmediate()
    last = performance.now()
  }
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, { signal } = {}) => {
    signal?.throwIfAborted()
    try {
      await sleep(ms, undefined, { ref: false, ...(signal ? { signal: signal as AbortSignal } : {}) })
    } catch (error) {
      signal?.throwIfAborted()
      throw error
    }
  },
}
