import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../adapters/clock/system-clock.ts'
import { nodeCrypto } from '../adapters/crypto/node.ts'
import { memoryStorage } from '../adapters/storage/memory.ts'
import { assembleClient } from '../client/assemble-client.ts'
import type {
  BackupInfo,
  ImportBackupOptions,
  ImportedBackup,
  RelockOptions,
  VerifyBackupOptions,
} from '../client/backup/options.ts'
import type { Client } from '../client/client.ts'
import type { ClientOptions } from '../client/client-options.ts'
import type { LinkDeviceOptions } from '../client/devices/link-options.ts'
import { sealedStore } from '../domain/store/sealed-store.ts'
import type { Transport } from '../ports/transport.ts'
import { givenStore, nowhere } from './given-store.ts'
import { openNodeStore, relockNodeStore } from './node/open-store.ts'
import { partsOf } from './parts.ts'
import type { Platform } from './platform.ts'
import { whereOf } from './where.ts'

/** Stores of identities that were given no place. */
const FOLDER = '.dchat'

const defaultTransport = async (): Promise<Transport> => (await import('./node/transport.ts')).nodeTransport()

/** The code of backups loads when one is read. */
const backups = () => import('../client/backup/import.ts')

/** `node:crypto`, `ws`, the system's clock, and SQLite where something is kept; each loads when it is used. */
export const platform: Platform = {
  createClient: async (options: ClientOptions): Promise<Client> => {
    const where = whereOf(options)
    const { identity, unlock, owner, onClose } = options
    const crypto = nodeCrypto()
    const transport = options.transport ?? (await defaultTransport())
    const parts = { ...partsOf(options), crypto, clock: systemClock(), transport }
    if (where.kind !== 'named') {
      const storage = where.kind === 'given' ? where.storage : memoryStorage()
      const store = sealedStore(storage, options.storeKey ?? crypto.random(32), crypto.random)
      return assembleClient({ ...parts, store })
    }
    const dir = where.name ?? join(FOLDER, identity?.address ?? '')
    const opened = await openNodeStore({
      dir,
      create: identity !== undefined,
      ...(unlock && { unlock }),
      ...(owner !== undefined && { owner }),
    })
    try {
      return await assembleClient({
        ...parts,
        store: opened.store,
        onClose: async () => {
          try {
            await onClose?.()
          } finally {
            await opened.close()
          }
        },
        onExpired: async () => {
          await opened.close()
          await rm(dir, { recursive: true, force: true })
        },
      })
    } catch (error) {
      await opened.close()
      throw error
    }
  },
  linkDevice: async (options: LinkDeviceOptions): Promise<Client> => {
    const { linkInNode } = await import('./node/link-device.ts')
    return platform.createClient(await linkInNode(options))
  },
  importBackup: async (options: ImportBackupOptions): Promise<ImportedBackup> => {
    const where = whereOf(options)
    if (where.kind === 'memory') throw nowhere()
    const { unlock, owner } = options
    const crypto = nodeCrypto()
    const { importBackup } = await backups()
    let close = async (): Promise<void> => undefined
    try {
      return await importBackup({ crypto, clock: systemClock() }, options, async () => {
        if (where.kind === 'given') return { name: 'storage', store: givenStore(options, where.storage, crypto) }
        const dir = where.name ?? ''
        const opened = await openNodeStore({
          dir,
          create: true,
          ...(unlock && { unlock }),
          ...(owner !== undefined && { owner }),
        })
        close = opened.close
        return { name: dir, store: opened.store }
      })
    } finally {
      await close()
    }
  },
  verifyBackup: async (options: VerifyBackupOptions): Promise<BackupInfo> =>
    (await backups()).verifyBackup(nodeCrypto(), options),
  relockStore: ({ store, unlock, next }: RelockOptions): Promise<void> => relockNodeStore(store, unlock, next),
}
