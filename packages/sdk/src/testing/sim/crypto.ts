import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js'
import { nodeCrypto } from '../../adapters/crypto/node.ts'
import type { Crypto } from '../../ports/crypto.ts'
import { concat, utf8 } from '../../util/bytes.ts'
import { sha256 } from '../../util/hash.ts'
import { remembered } from './memo.ts'
import type { SimProcess } from './process.ts'
import type { RatchetNotes } from './ratchets.ts'

/**
 * Node's crypto with a seeded source of randomness, ephemeral keys included. Results of pure functions are remembered
 * for the whole process. What takes several turns of the microtask queue settles as an event of its own, so that
 * nothing depends on whether a result was computed or remembered.
 */
export const simulatedCrypto = (
  process: SimProcess,
  random: (length: number) => Uint8Array,
  notes: RatchetNotes,
): Crypto => {
  const crypto = nodeCrypto({ random })
  const { ed25519, box, mls, aead } = crypto
  return {
    ...crypto,
    argon2id: quickArgon2id,
    aead: {
      ...aead,
      seal: async (key, nonce, plaintext, aad) => {
        const sealed = await aead.seal(key, nonce, plaintext, aad)
        notes.wrapped(plaintext, sealed)
        return sealed
      },
    },
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
    mls: { suite: async (name) => simulatedSuite(process, random, notes, (await mls.suite(name)) as CiphersuiteImpl) },
  }
}

/** A key from a passphrase at once: no schedule waits for what is slow on purpose. */
export const quickArgon2id: Crypto['argon2id'] = async (passphrase, salt, { memory, passes }) =>
  sha256(concat(passphrase, salt, utf8(`${memory}/${passes}`)))

const simulatedSuite = (
  process: SimProcess,
  random: (length: number) => Uint8Array,
  notes: RatchetNotes,
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
      encryptAead: async (key, nonce, aad, plaintext) => {
        const used = key.slice()
        const sealed = await hpke.encryptAead(key, nonce, aad, plaintext)
        notes.sealed(used, plaintext, sealed)
        return sealed
      },
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
