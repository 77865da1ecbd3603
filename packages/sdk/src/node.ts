import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { systemClock } from './adapters/clock/system-clock.ts'
import { nodeCrypto } from './adapters/crypto/node.ts'
import { privateFolder } from './adapters/files/private-folder.ts'
import { acquireOwner, type Owner } from './adapters/owner/lock-file.ts'
import { memoryStorage } from './adapters/storage/memory.ts'
import { sqliteStorage } from './adapters/storage/sqlite.ts'
import { NodeWebSocket } from './adapters/transport/node-websocket.ts'
import { type WebSocketTransportOptions, webSocketTransport } from './adapters/transport/websocket.ts'
import type { Client } from './client/client.ts'
import { type ClientOptions, createClient } from './client/create-client.ts'
import { sealedStore } from './domain/store/sealed-store.ts'
import type { Store } from './domain/store/store.ts'
import {
  createStoreKey,
  openStoreKey,
  rewrapStoreKey,
  type StoreKeys,
  storeKeyKinds,
  type Unlock,
} from './domain/store/store-key.ts'
import { DchatError } from './errors.ts'
import type { Storage } from './ports/storage.ts'
import type { Transport } from './ports/transport.ts'

// The adapters of this platform
export { systemClock } from './adapters/clock/system-clock.ts'
export { nodeCrypto } from './adapters/crypto/node.ts'
export { type JsonLogOptions, jsonLog, type LogLevel } from './adapters/log/json-lines.ts'
export { silentLog } from './adapters/log/silent.ts'
export { acquireOwner, type Owner } from './adapters/owner/lock-file.ts'
export { type MemoryBacking, memoryStorage } from './adapters/storage/memory.ts'
export { type SqliteOptions, sqliteStorage } from './adapters/storage/sqlite.ts'
export { sealedStore } from './domain/store/sealed-store.ts'
export type { Keystore, Unlock } from './domain/store/store-key.ts'
export type { Storage } from './ports/storage.ts'

/** WebSocket links over `ws`. */
export const nodeTransport = (options: Partial<WebSocketTransportOptions> = {}): Transport => {
  const crypto = options.crypto ?? nodeCrypto()
  return webSocketTransport({
    WebSocket: NodeWebSocket,
    clock: systemClock(),
    random: { bytes: nodeCrypto().random },
    ...options,
    crypto,
  })
}

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
  const owner = acquireOwner(dir, name)
  let storage: Storage | undefined
  try {
    const key = await openOrCreateKey(keys, dir, unlock)
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
  const owner = acquireOwner(dir, programName())
  try {
    await rewrapStoreKey(keys, current, next)
  } finally {
    owner.release()
  }
}

export interface NodeClientOptions
  extends Pick<ClientOptions, 'identity' | 'relays' | 'deviceName' | 'log' | 'reports' | 'onClose'>,
    Partial<Pick<NodeStoreOptions, 'dir' | 'unlock' | 'owner'>> {
  /** Instead of `dir`. Default, without `dir`: memory, which ends with the process. */
  readonly storage?: Storage
  /** 32 bytes that seal `storage`; default: fresh ones, which is right for memory only. */
  readonly storeKey?: Uint8Array
  readonly transport?: Transport
}

/**
 * `createClient` with Node's parts: `node:crypto`, `ws`, the system's clock. With `dir` the client keeps its store there,
 * makes it if an `identity` is given, closes it at the end, and deletes it when a burner identity's time is over; without,
 * it lives in memory.
 */
export const createNodeClient = async (options: NodeClientOptions): Promise<Client> => {
  const { storage = memoryStorage(), storeKey, transport, dir, unlock, owner, ...rest } = options
  if (dir !== undefined && options.storage !== undefined)
    throw new DchatError('usage/invalid-argument', { name: 'storage', reason: 'it cannot go with "dir"' })
  const crypto = nodeCrypto()
  const parts = { crypto, clock: systemClock(), transport: transport ?? nodeTransport({ crypto }) }
  if (dir === undefined)
    return createClient({
      ...rest,
      ...parts,
      store: sealedStore(storage, storeKey ?? crypto.random(32), crypto.random),
    })
  const opened = await openNodeStore({
    dir,
    create: rest.identity !== undefined,
    ...(unlock === undefined ? {} : { unlock }),
    ...(owner === undefined ? {} : { owner }),
  })
  const onExpired = async () => {
    await opened.close()
    await rm(dir, { recursive: true, force: true })
  }
  const onClose = async () => {
    try {
      await rest.onClose?.()
    } finally {
      await opened.close()
    }
  }
  try {
    return await createClient({ ...rest, ...parts, store: opened.store, onClose, onExpired })
  } catch (error) {
    await opened.close()
    throw error
  }
}
