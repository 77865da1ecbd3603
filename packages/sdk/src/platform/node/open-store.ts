import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { nodeCrypto } from '../../adapters/crypto/node.ts'
import { privateFolder } from '../../adapters/files/private-folder.ts'
import type { Owner } from '../../adapters/owner/lock-file.ts'
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
import type { Storage } from '../../ports/storage.ts'

export interface NodeStoreOptions {
  /** The store's folder; everything in it is readable by its owner only. */
  readonly dir: string
  /** How the store's key is locked; default: a key file beside it, so that only file permissions protect it. */
  readonly unlock?: Unlock
  /** Makes the store where there is none. Default false: `identity/none` then. */
  readonly create?: boolean
  /** What others are told about this process while it has the store; default: the program's name. */
  readonly owner?: string
}

export interface NodeStore {
  readonly store: Store
  /** What lies under `store`: sealed rows. */
  readonly storage: Storage
  /** Waits for what is under way, then frees the folder for other processes. Idempotent. */
  close(): Promise<void>
}

const DATABASE_FILE = 'dchat.db'

/** Only who keeps something in a folder loads the database: the lock is one too. */
const takeFolder = async (dir: string, name: string): Promise<Owner> => {
  const { acquireOwner } = await import('../../adapters/owner/lock-file.ts')
  return acquireOwner(dir, name)
}

const keysOf = (dir: string): StoreKeys => ({ files: privateFolder(dir), crypto: nodeCrypto() })

/**
 * Takes a folder for this process and opens the sealed SQLite store in it. Throws `storage/in-use` with the owner's
 * name, `identity/none`, `identity/locked`, `identity/wrong-passphrase` and the other storage errors.
 */
export const openNodeStore = async (options: NodeStoreOptions): Promise<NodeStore> => {
  const { dir, unlock = { keyFile: true }, create = false, owner: name = programName() } = options
  const keys = keysOf(dir)
  // Asked before the folder is taken, so that a look at a profile that is not there leaves nothing behind.
  if (!create && !(await hasKey(keys))) throw new DchatError('identity/none', { profile: basename(resolve(dir)) })
  const owner = await takeFolder(dir, name)
  let storage: Storage | undefined
  try {
    const key = await openOrCreateKey(keys, dir, unlock)
    const { sqliteStorage } = await import('../../adapters/storage/sqlite.ts')
    storage = sqliteStorage(join(dir, DATABASE_FILE))
    return { storage, store: sealedStore(storage, key, keys.crypto.random), close: closing(storage, owner) }
  } catch (error) {
    await storage?.close()
    owner.release()
    throw error
  }
}

const hasKey = async (keys: StoreKeys): Promise<boolean> => (await storeKeyKinds(keys)).length > 0

const openOrCreateKey = async (keys: StoreKeys, dir: string, unlock: Unlock): Promise<Uint8Array> => {
  if (await hasKey(keys)) return openStoreKey(keys, unlock)
  // A new key would open none of the rows that are there, and hide that the old one was lost.
  if (existsSync(join(dir, DATABASE_FILE)))
    throw new DchatError('storage/corrupt', { store: dir, reason: 'it has rows but its keys are missing' })
  return createStoreKey(keys, [unlock])
}

const closing = (storage: Storage, owner: Owner): (() => Promise<void>) => {
  let closed: Promise<void> | undefined
  return () => (closed ??= storage.close().finally(() => owner.release()))
}

const programName = (): string => basename(process.argv[1] ?? process.execPath)

/**
 * From now on each of `next`, and nothing else, opens the store; the key itself stays, so no row is written again.
 * The store must not be open. Throws `storage/in-use` and what `openNodeStore` throws.
 */
export const relockNodeStore = async (dir: string, current: Unlock, next: readonly Unlock[]): Promise<void> => {
  const keys = keysOf(dir)
  if (!(await hasKey(keys))) throw new DchatError('identity/none', { profile: basename(resolve(dir)) })
  const owner = await takeFolder(dir, programName())
  try {
    await rewrapStoreKey(keys, current, next)
  } finally {
    owner.release()
  }
}
