import { DchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import type { Files } from '../../ports/files.ts'
import type { Keystore } from '../../ports/keystore.ts'
import { formatKeyRing, type KeyRing, parseKeyRing, type PassphraseCost, RING_LIMIT, type Wrap } from './key-ring.ts'
import { addWrap, kindOf, openWrap } from './key-wrap.ts'

/** How the store key is locked: by a passphrase, by a file that only its owner may read, or by a keystore. */
export type Unlock =
  | { readonly passphrase: string | Uint8Array }
  | { readonly keyFile: true }
  | { readonly keystore: Keystore }

export const RING_FILE = 'keys.json'
export const KEY_FILE = 'store.key'

/** What the functions here work with. `cost` applies to new passphrase wraps; default 64 MiB, three passes. */
export interface KeyTools {
  readonly files: Files
  readonly crypto: Pick<Crypto, 'random' | 'aead' | 'argon2id'>
  readonly cost?: PassphraseCost
}

export const hasStoreKey = async ({ files }: Pick<KeyTools, 'files'>): Promise<boolean> =>
  (await files.read(RING_FILE, RING_LIMIT)) !== undefined

/** Makes a random store key (32 bytes) and locks it. Throws `identity/exists` if there is one. */
export const createStoreKey = async (tools: KeyTools, unlock: Unlock): Promise<Uint8Array> => {
  if (await hasStoreKey(tools)) throw new DchatError('identity/exists', { profile: tools.files.place })
  const key = tools.crypto.random(32)
  await writeRing(tools, [await addWrap(tools, unlock, key)])
  return key
}

/**
 * Throws `identity/none` where there is no key, `identity/wrong-passphrase`, `identity/locked` if the key is locked in
 * another way, `storage/unavailable` without its key file, `storage/corrupt` or `storage/newer-schema`.
 */
export const openStoreKey = async (tools: KeyTools, unlock: Unlock): Promise<Uint8Array> =>
  openWrap(tools, unlock, await readRing(tools))

/**
 * Puts the lock `next` in the place of `current`, or with `keep` beside it; one of the same kind is replaced in any
 * case. The key itself stays, so nothing else is written; a crash leaves the old locks or the new ones.
 * Throws what `openStoreKey` throws.
 */
export const rewrapStoreKey = async (
  tools: KeyTools,
  current: Unlock,
  next: Unlock,
  { keep = false }: { readonly keep?: boolean } = {},
): Promise<void> => {
  const ring = await readRing(tools)
  const added = await addWrap(tools, next, await openWrap(tools, current, ring))
  const gone = keep ? undefined : kindOf(current)
  const rest = ring.filter(({ kind }: Wrap) => kind !== added.kind && kind !== gone)
  await writeRing(tools, [...rest, added])
  if (![...rest, added].some(({ kind }) => kind === 'key-file')) await tools.files.remove(KEY_FILE)
}

const readRing = async ({ files }: KeyTools): Promise<KeyRing> => {
  const bytes = await files.read(RING_FILE, RING_LIMIT)
  if (bytes === undefined) throw new DchatError('identity/none', { profile: files.place })
  return parseKeyRing(bytes, files.place)
}

const writeRing = ({ files }: KeyTools, ring: KeyRing): Promise<void> => files.write(RING_FILE, formatKeyRing(ring))
