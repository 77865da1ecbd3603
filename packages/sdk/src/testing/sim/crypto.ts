import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js'
import { nodeCrypto } from '../../adapters/crypto/node.ts'
import type { Crypto } from '../../ports/crypto.ts'
import { remembered } from './memo.ts'
import type { SimProcess } from './process.ts'

/**
 * Node's crypto with a seeded source of randomness, ephemeral keys included. Results of pure functions are remembered
 * for the whole process. What takes several turns of the microtask queue settles as an event of its own, so that
 * nothing depends on whether a result was computed or remembered.
 */
export const simulatedCrypto = (process: SimProcess, random: (length: number) => Uint8Array): Crypto => {
  const crypto = nodeCrypto({ random })
  const { ed25519, box, mls } = crypto
  return {
    ...crypto,
    // Node's Ed25519 computes at once and settles in the next turn, remembered or not.
    ed25519: {
      publicKey: (seed) => copied(remembered('ed25519/key', [seed], () => ed25519.publicKey(lasting(seed)))),
      sign: (seed, message) =>
        copied(remembered('ed25519/sign', [seed, message], () => ed25519.sign(lasting(seed), message))),
      verify: async (key, message, signature) =>
        remembered('ed25519/verify', [key, message, signature], () => ed25519.verify(key, message, signature)),
    },
    box: {
      ...box,
      publicKey: (seed) => process.event(copied(remembered('box/key', [seed], () => box.publicKey(seed.slice())))),
    },
    mls: { suite: async (name) => simulatedSuite(process, random, (await mls.suite(name)) as CiphersuiteImpl) },
  }
}

const simulatedSuite = (
  process: SimProcess,
  random: (length: number) => Uint8Array,
  suite: CiphersuiteImpl,
): CiphersuiteImpl => {
  const { hpke, signature, name } = suite
  const pairOf = (ikm: Uint8Array) => remembered(`${name}/pair`, [ikm], () => hpke.deriveKeyPair(ikm.slice()))
  return {
    ...suite,
    signature: {
      keygen: () => signature.keygen(),
      sign: (key, message) =>
        copied(remembered('mls/sign', [key, message], () => signature.sign(lasting(key), message))),
      verify: async (key, message, signed) =>
        remembered('mls/verify', [key, message, signed], () => signature.verify(key, message, signed)),
    },
    hpke: {
      ...hpke,
      generateKeyPair: () => process.event(pairOf(random(32))),
      deriveKeyPair: (ikm) => process.event(pairOf(ikm)),
      importPrivateKey: (raw) =>
        process.event(remembered(`${name}/private`, [raw], () => hpke.importPrivateKey(lasting(raw)))),
      // Consumed keys are zeroed by their owner, and a handle may be another device's too.
      exportPrivateKey: (key) => process.event(copied(hpke.exportPrivateKey(key))),
    },
  }
}

/** One buffer for one content, because keys are imported once per buffer. */
const lasting = (key: Uint8Array): Uint8Array => remembered('key', [key], () => key.slice())

/** A result that its receiver may overwrite. */
const copied = async (bytes: Promise<Uint8Array>): Promise<Uint8Array> => (await bytes).slice()
