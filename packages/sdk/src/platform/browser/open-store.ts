import { webCrypto } from '../../adapters/crypto/web.ts'
import type { ClaimedDatabase, DexieDatabase } from '../../adapters/storage/dexie-database.ts'
import { sealedStore } from '../../domain/store/sealed-store.ts'
import type { Store } from '../../domain/store/store.ts'
import {
  createStoreKey,
  openStoreKey,
  rewrapStoreKey,
  type StoreKeys,
  storeKeyKinds,
  type Unlock,
} from '../../domain/store/store-key.ts'
import { DchatError } from '../../errors.ts'
import type { Files } from '../../ports/files.ts'
import type { Storage } from '../../ports/storage.ts'
import { askToPersist } from './persist.ts'
import { type StoreMarker, storeMarker } from './store-marker.ts'

export interface BrowserStoreKeyOptions {
  /** The store's IndexedDB database. */
  readonly name: string
  /**
   * How the store's key is locked; default, and what `keyFile` means here: by a key of the browser's own in the same
   * database, whose bytes no program is given. Whoever can use or copy this browser profile opens the store.
   */
  readonly unlock?: Unlock
}

export interface BrowserStoreOptions extends BrowserStoreKeyOptions {
  /** Makes the store where there is none. Default false: `identity/none` then, or `storage/evicted`. */
  readonly create?: boolean
}

export interface BrowserStore {
  readonly store: Store
  /** What lies under `store`: sealed rows. */
  readonly storage: Storage
  /** True if the browser had thrown the store away, and this is a new one under its name. */
  readonly evicted: boolean
  /**
   * Aborted when the store can be used no longer, with the error that everything rejects with from then on: another tab
   * opened it (`storage/in-use`), or it was deleted (`storage/unavailable`).
   */
  readonly lost: AbortSignal
  /** Waits for what is under way. Idempotent. */
  close(): Promise<void>
}

/** Who keeps nothing in the browser does not load the database. */
const databases = () => import('../../adapters/storage/dexie-database.ts')

const keysIn = (files: Files): StoreKeys => ({ files, crypto: webCrypto() })

const hasKey = async (keys: StoreKeys): Promise<boolean> => (await storeKeyKinds(keys)).length > 0

/**
 * Opens the sealed store of a browser, in pages and workers. Whoever opens it last has it: the stores that were opened
 * before reject with `storage/in-use`, so several tabs agree first who is to open it. Asks the browser to keep its data.
 * Throws `identity/none`, `storage/evicted` (it was there once), `identity/locked`, `identity/wrong-passphrase`,
 * `storage/corrupt` (rows without keys, or keys without rows) and the other storage errors.
 */
export const openBrowserStore = async (options: BrowserStoreOptions): Promise<BrowserStore> => {
  const { name, create = false } = options
  const marker = storeMarker(checkedName(name))
  const evicted = marker.present
  const database = await (await databases()).openDatabase(name, { create })
  if (database === undefined) throw absent(name, marker)
  try {
    const known = await inspect(database, name)
    if (!known && !create) throw absent(name, marker)
    const { storage, key } = await take(database, options, known)
    marker.set()
    askToPersist()
    const store = sealedStore(storage, key, webCrypto().random)
    return { store, storage, evicted: evicted && !known, lost: database.lost, close: () => storage.close() }
  } catch (error) {
    database.close()
    throw error
  }
}

/** Proves that `unlock` opens the store, and leaves everything, its owner included, as it is. Throws as `openBrowserStore`. */
export const admitToBrowserStore = async ({ name, unlock }: BrowserStoreKeyOptions): Promise<void> =>
  withKnown(name, async (database) => {
    await openKey(database, name, unlockOf(database, unlock))
  })

/**
 * From now on each of `next`, and nothing else, opens the store; the key itself stays, so no row is written again and
 * whoever has the store open keeps it. Throws what `openBrowserStore` throws.
 */
export const relockBrowserStore = async (name: string, current: Unlock, next: readonly Unlock[]): Promise<void> =>
  withKnown(name, async (database) => {
    const way = unlockOf(database, current)
    await assertKey(database, name, way)
    const ways = next.map((unlock) => unlockOf(database, unlock))
    await rewrapStoreKey(keysIn(database.files), way, ways)
  })

/** Deletes the store and everything in it; whoever has it open loses it. No error if there is none. */
export const deleteBrowserStore = async (name: string): Promise<void> => {
  // First: a store that is half deleted must not count as one that the browser threw away.
  storeMarker(checkedName(name)).remove()
  await (await databases()).deleteDatabase(name)
}

const checkedName = (name: string): string => {
  if (name === '') throw new DchatError('usage/invalid-argument', { name: 'name', reason: 'it is empty' })
  return name
}

const absent = (name: string, marker: StoreMarker): DchatError =>
  marker.present
    ? new DchatError('storage/evicted', { store: name })
    : new DchatError('identity/none', { profile: name })

const withKnown = async (name: string, work: (database: DexieDatabase) => Promise<void>): Promise<void> => {
  const marker = storeMarker(checkedName(name))
  const database = await (await databases()).openDatabase(name, { create: false })
  if (database === undefined) throw absent(name, marker)
  try {
    if (!(await inspect(database, name))) throw absent(name, marker)
    await work(database)
  } finally {
    database.close()
  }
}

/** Whether the store has a key. What is only half there is never taken for a new store: that would hide the loss. */
const inspect = async (database: DexieDatabase, name: string): Promise<boolean> => {
  const kinds = await storeKeyKinds(database)
  const rows = await database.rows()
  if (kinds.length === 0) {
    if (rows.some || rows.ever) throw damaged(name, 'it has rows but its keys are missing')
    return false
  }
  if (rows.ever && !rows.some) throw damaged(name, 'it has keys but its rows are missing')
  return true
}

const DAMAGED = 'Delete the data of this site, then restore from the recovery phrase.'

const damaged = (name: string, reason: string): DchatError =>
  new DchatError('storage/corrupt', { store: name, reason }, { hint: DAMAGED })

/** The browser's own key may be gone while what it wrapped is there. */
const assertKey = async ({ files, keystore }: DexieDatabase, name: string, way: Unlock): Promise<void> => {
  if (!('keystore' in way) || way.keystore !== keystore || (await keystore.hasKey())) return
  if ((await storeKeyKinds({ files })).includes('keystore')) throw damaged(name, "the browser's key to it is missing")
}

const openKey = async (database: DexieDatabase, name: string, way: Unlock): Promise<Uint8Array> => {
  await assertKey(database, name, way)
  return openStoreKey(keysIn(database.files), way)
}

const take = async (
  database: DexieDatabase,
  { name, unlock }: BrowserStoreOptions,
  known: boolean,
): Promise<{ storage: Storage; key: Uint8Array }> => {
  const way = unlockOf(database, unlock)
  // The fence goes up once the key is there: who does not know the passphrase disturbs nobody.
  if (known) {
    const key = await openKey(database, name, way)
    return { storage: (await database.claim()).storage, key }
  }
  const claimed = await database.claim()
  const key = await createOrOpenKey(claimed, way)
  return { storage: claimed.storage, key }
}

/** Somebody else may have made the key between the look and the claim. */
const createOrOpenKey = async ({ files }: ClaimedDatabase, way: Unlock): Promise<Uint8Array> => {
  const keys = keysIn(files)
  return (await hasKey(keys)) ? openStoreKey(keys, way) : createStoreKey(keys, [way])
}

const unlockOf = ({ keystore }: DexieDatabase, unlock: Unlock | undefined): Unlock =>
  unlock === undefined || 'keyFile' in unlock ? { keystore } : unlock
