import { DchatError, isDchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import type { Files } from '../../ports/files.ts'
import type { Keystore } from '../../ports/keystore.ts'
import { concat, utf8 } from '../../util/bytes.ts'
import { hkdfSha256 } from '../../util/hash.ts'
import { isAllowedCost, isAllowedWrapped, type KeyRing, type PassphraseCost, type Wrap } from './key-ring.ts'

/** How the store key is locked: by a passphrase, by a file that only its owner may read, or by a keystore. */
export type Unlock =
  | { readonly passphrase: string | Uint8Array }
  | { readonly keyFile: true }
  | { readonly keystore: Keystore }

/** `cost` applies to new passphrase wraps; default 64 MiB and three passes. */
export interface KeyTools {
  readonly files: Files
  readonly crypto: Pick<Crypto, 'random' | 'aead' | 'argon2id'>
  readonly cost?: PassphraseCost
}

export const KEY_FILE = 'store.key'

const KEY_LENGTH = 32
const NONCE_LENGTH = 12
const SALT_LENGTH = 16
const DEFAULT_COST: PassphraseCost = { memory: 64 * 1024, passes: 3 }

export const kindOf = (unlock: Unlock): Wrap['kind'] =>
  'passphrase' in unlock ? 'passphrase' : 'keystore' in unlock ? 'keystore' : 'key-file'

/**
 * Every way seals the same store key under a key of its own, so a wrong one is noticed here and not at the first row,
 * and a key file or keystore entry of the past opens nothing once its wrap is gone.
 */
export const addWrap = async (tools: KeyTools, unlock: Unlock, key: Uint8Array): Promise<Wrap> => {
  const { crypto, cost = DEFAULT_COST } = tools
  const kind = kindOf(unlock)
  const sealWith = async (outer: Uint8Array): Promise<Uint8Array> => {
    const nonce = crypto.random(NONCE_LENGTH)
    return concat(nonce, await crypto.aead.seal(sealingKey(outer), nonce, key, aadOf(kind)))
  }
  if ('passphrase' in unlock) {
    if (!isAllowedCost(cost))
      throw new DchatError('usage/invalid-argument', { name: 'cost', reason: 'it is out of bounds' })
    const salt = crypto.random(SALT_LENGTH)
    const outer = await crypto.argon2id(passphraseBytes(unlock.passphrase), salt, cost)
    return { kind: 'passphrase', salt, memory: cost.memory, passes: cost.passes, sealed: await sealWith(outer) }
  }
  if ('keystore' in unlock) {
    const outer = crypto.random(KEY_LENGTH)
    const wrapped = await asked(tools, () => unlock.keystore.wrap(Uint8Array.from(outer)))
    if (!isAllowedWrapped(wrapped)) throw keystoreFailed(tools, 'the keystore returned nothing or too much')
    return { kind: 'keystore', wrapped: Uint8Array.from(wrapped), sealed: await sealWith(outer) }
  }
  // A file that is there stays: until the new ring is on the disk, the present one may rest on it.
  const known = await readKeyFile(tools)
  const outer = known ?? crypto.random(KEY_LENGTH)
  if (known === undefined) await tools.files.write(KEY_FILE, outer)
  return { kind: 'key-file', sealed: await sealWith(outer) }
}

/** The store key; see `openStoreKey` for what it throws. */
export const openWrap = async (tools: KeyTools, unlock: Unlock, ring: KeyRing): Promise<Uint8Array> => {
  const { crypto, files } = tools
  const wrap = ring.find(({ kind }) => kind === kindOf(unlock))
  if (wrap === undefined) {
    if ('passphrase' in unlock)
      throw new DchatError('usage/invalid-argument', { name: 'passphrase', reason: 'the store is not locked by one' })
    throw new DchatError('identity/locked', { profile: files.place })
  }
  const outer = await outerKey(tools, unlock, wrap)
  const [nonce, box] = [wrap.sealed.subarray(0, NONCE_LENGTH), wrap.sealed.subarray(NONCE_LENGTH)]
  try {
    return await crypto.aead.open(sealingKey(outer), nonce, box, aadOf(wrap.kind))
  } catch (cause) {
    if (!isDchatError(cause, 'crypto/cannot-decrypt')) throw cause
    if (wrap.kind === 'passphrase') throw new DchatError('identity/wrong-passphrase', {}, { cause })
    throw new DchatError('storage/corrupt', { store: files.place, reason: `its ${wrap.kind} is another one` }, { cause })
  }
}

const outerKey = async (tools: KeyTools, unlock: Unlock, wrap: Wrap): Promise<Uint8Array> => {
  if ('passphrase' in unlock && wrap.kind === 'passphrase') {
    const { memory, passes } = wrap
    return tools.crypto.argon2id(passphraseBytes(unlock.passphrase), wrap.salt, { memory, passes })
  }
  if ('keystore' in unlock && wrap.kind === 'keystore')
    return asked(tools, () => unlock.keystore.unwrap(Uint8Array.from(wrap.wrapped)))
  const key = await readKeyFile(tools)
  if (key === undefined)
    throw new DchatError('storage/unavailable', { store: tools.files.place, reason: `its ${KEY_FILE} is missing` })
  return key
}

const readKeyFile = async ({ files }: KeyTools): Promise<Uint8Array | undefined> => {
  const key = await files.read(KEY_FILE, KEY_LENGTH)
  if (key !== undefined && key.length !== KEY_LENGTH)
    throw new DchatError('storage/corrupt', { store: files.place, reason: `its ${KEY_FILE} has another length` })
  return key
}

const asked = async (tools: KeyTools, work: () => Promise<Uint8Array>): Promise<Uint8Array> => {
  try {
    return await work()
  } catch (cause) {
    throw keystoreFailed(tools, 'the keystore does not answer', cause)
  }
}

const keystoreFailed = ({ files }: KeyTools, reason: string, cause?: unknown) =>
  new DchatError('storage/unavailable', { store: files.place, reason }, { cause })

/** Keyboards disagree about composed letters; the same passphrase must open the store from each of them. */
const passphraseBytes = (passphrase: string | Uint8Array): Uint8Array => {
  const bytes = typeof passphrase === 'string' ? utf8(passphrase.normalize('NFKC')) : passphrase
  if (bytes.length === 0) throw new DchatError('usage/invalid-argument', { name: 'passphrase', reason: 'it is empty' })
  return bytes
}

const sealingKey = (outer: Uint8Array): Uint8Array => hkdfSha256(outer, 'dchat/store-key/v1', KEY_LENGTH)

const aadOf = (kind: Wrap['kind']): Uint8Array => utf8(`dchat/store-key/v1 ${kind}`)
