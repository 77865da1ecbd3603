import { DchatError, isDchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import type { Files } from '../../ports/files.ts'
import { fromHex, fromUtf8, toHex, utf8 } from '../../util/bytes.ts'
import { passphraseBytes } from '../../util/passphrase.ts'
import { decodeKeyRing, encodeKeyRing, type Wrap, type WrapKind } from './key-ring.ts'

/** The operating system's keystore, or anything like it, as the caller supplies it. */
export interface Keystore {
  /** Binds 32 bytes to this user or machine. */
  wrap(key: Uint8Array): Promise<Uint8Array>
  unwrap(wrapped: Uint8Array): Promise<Uint8Array>
}

/** What opens the store key. A passphrase as bytes is UTF-8. */
export type Unlock =
  | { readonly passphrase: Uint8Array | string }
  | { readonly keyFile: true }
  | { readonly keystore: Keystore }

export interface StoreKeys {
  readonly files: Files
  readonly crypto: Pick<Crypto, 'random' | 'aead' | 'argon2id'>
  /** argon2id's cost for new wraps; default 64 MiB and 3 passes. The cost of a wrap stands in its file. */
  readonly cost?: { readonly memory: number; readonly passes: number }
}

const RING = 'store.keys'
const KEY_FILE = 'store.key'
const COST = { memory: 64 * 1024, passes: 3 }
const KEY_LENGTH = 32
const AAD = utf8('dchat/store-key/v1')

const kindOf = (unlock: Unlock): WrapKind =>
  'passphrase' in unlock ? 'passphrase' : 'keyFile' in unlock ? 'key-file' : 'keystore'

/** The kinds that open the store; empty if there is no store key yet. */
export const storeKeyKinds = async ({ files }: Pick<StoreKeys, 'files'>): Promise<readonly WrapKind[]> => {
  const ring = await files.read(RING)
  return ring === undefined ? [] : decodeKeyRing(ring, files.name).map((wrap) => wrap.kind)
}

/** Makes a store key that each of `unlocks` opens. Throws `identity/exists` if there is one already. */
export const createStoreKey = async (keys: StoreKeys, unlocks: readonly Unlock[]): Promise<Uint8Array> => {
  if ((await keys.files.read(RING)) !== undefined) throw new DchatError('identity/exists', { profile: keys.files.name })
  const key = keys.crypto.random(KEY_LENGTH)
  await writeRing(keys, key, unlocks)
  return key
}

/**
 * Throws `identity/none` (no key yet), `identity/locked` (this does not open it, something else does),
 * `identity/wrong-passphrase` and `storage/corrupt`.
 */
export const openStoreKey = async (keys: StoreKeys, unlock: Unlock): Promise<Uint8Array> => {
  const { files } = keys
  const ring = await files.read(RING)
  if (ring === undefined) throw new DchatError('identity/none', { profile: files.name })
  const wraps = decodeKeyRing(ring, files.name)
  const kind = kindOf(unlock)
  const wrap = wraps.find((candidate) => candidate.kind === kind)
  if (wrap !== undefined) return open(keys, wrap, unlock)
  if (wraps.some((other) => other.kind === 'passphrase'))
    throw new DchatError('identity/locked', { profile: files.name })
  const others = wraps.map((other) => other.kind).join(', ') || 'nothing that this version knows'
  throw new DchatError('usage/invalid-argument', { name: kind, reason: `this store is opened by: ${others}` })
}

/** Opens with `current`; from then on each of `next`, and nothing else, opens the store. The key itself stays. */
export const rewrapStoreKey = async (keys: StoreKeys, current: Unlock, next: readonly Unlock[]): Promise<void> => {
  await writeRing(keys, await openStoreKey(keys, current), next)
}

const writeRing = async (keys: StoreKeys, key: Uint8Array, unlocks: readonly Unlock[]): Promise<void> => {
  if (unlocks.length === 0)
    throw new DchatError('usage/invalid-argument', { name: 'unlock', reason: 'something must open the store' })
  const wraps: Wrap[] = []
  for (const unlock of unlocks) wraps.push(await wrapKey(keys, key, unlock))
  await keys.files.write(RING, encodeKeyRing(wraps))
  // Only now: until the ring is durable, the old way in must stay.
  if (!wraps.some((wrap) => wrap.kind === 'key-file')) await keys.files.remove(KEY_FILE)
}

const wrapKey = async (keys: StoreKeys, key: Uint8Array, unlock: Unlock): Promise<Wrap> => {
  const { crypto, cost = COST } = keys
  const nonce = crypto.random(12)
  if ('keystore' in unlock) {
    // The keystore holds a key of its own: one that returns other bytes is noticed before an empty-looking store opens.
    const wrapping = crypto.random(KEY_LENGTH)
    const wrapped = await unlock.keystore.wrap(wrapping.slice()).catch((cause: unknown) => {
      throw new DchatError('storage/unavailable', { store: keys.files.name, reason: 'the keystore refused' }, { cause })
    })
    const sealed = await crypto.aead.seal(wrapping, nonce, key, AAD)
    return { kind: 'keystore', wrapped: Uint8Array.from(wrapped), nonce, sealed }
  }
  if ('keyFile' in unlock) {
    const sealed = await crypto.aead.seal(await keyFile(keys), nonce, key, AAD)
    return { kind: 'key-file', nonce, sealed }
  }
  const salt = crypto.random(16)
  const wrapping = await crypto.argon2id(passphraseBytes(unlock.passphrase), salt, cost)
  const sealed = await crypto.aead.seal(wrapping, nonce, key, AAD)
  return { kind: 'passphrase', memory: cost.memory, passes: cost.passes, salt, nonce, sealed }
}

const open = async ({ crypto, files }: StoreKeys, wrap: Wrap, unlock: Unlock): Promise<Uint8Array> => {
  if (wrap.kind === 'keystore') {
    const { keystore } = unlock as { keystore: Keystore }
    const wrapping = await keystore.unwrap(wrap.wrapped.slice()).catch((cause: unknown) => {
      const hint = 'Unlock the keystore of this computer and try again, or use the passphrase.'
      throw new DchatError('identity/locked', { profile: files.name }, { cause, hint })
    })
    if (wrapping.length !== KEY_LENGTH) throw damaged(files, 'the keystore gave something else')
    try {
      return await crypto.aead.open(wrapping, wrap.nonce, wrap.sealed, AAD)
    } catch (cause) {
      throw damaged(files, 'the keystore gave something else', cause)
    }
  }
  if (wrap.kind === 'key-file') {
    const wrapping = parseKeyFile(await files.read(KEY_FILE))
    if (wrapping === undefined) throw damaged(files, `the file ${KEY_FILE} is missing or damaged`)
    try {
      return await crypto.aead.open(wrapping, wrap.nonce, wrap.sealed, AAD)
    } catch (cause) {
      throw damaged(files, `the file ${KEY_FILE} belongs to another store`, cause)
    }
  }
  const passphrase = passphraseBytes((unlock as { passphrase: Uint8Array | string }).passphrase)
  const wrapping = await crypto.argon2id(passphrase, wrap.salt, wrap)
  try {
    return await crypto.aead.open(wrapping, wrap.nonce, wrap.sealed, AAD)
  } catch (error) {
    if (!isDchatError(error, 'crypto/cannot-decrypt')) throw error
    throw new DchatError('identity/wrong-passphrase', {})
  }
}

const damaged = ({ name }: Files, reason: string, cause?: unknown) =>
  new DchatError('storage/corrupt', { store: name, reason }, { cause })

/** The wrapping key in `store.key`, made if there is none. One that is there stays: the present ring may need it. */
const keyFile = async ({ files, crypto }: StoreKeys): Promise<Uint8Array> => {
  const known = parseKeyFile(await files.read(KEY_FILE))
  if (known !== undefined) return known
  const fresh = crypto.random(KEY_LENGTH)
  await files.write(KEY_FILE, utf8(`${toHex(fresh)}\n`))
  return fresh
}

const parseKeyFile = (bytes: Uint8Array | undefined): Uint8Array | undefined => {
  if (bytes === undefined || bytes.length > 2 * KEY_LENGTH + 2) return undefined
  try {
    const key = fromHex(fromUtf8(bytes).trim())
    return key?.length === KEY_LENGTH ? key : undefined
  } catch {
    return undefined
  }
}
