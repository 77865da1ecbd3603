import { systemClock } from '../adapters/clock/system-clock.ts'
import { webCrypto } from '../adapters/crypto/web.ts'
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
import { relockBrowserStore } from './browser/open-store.ts'
import { sharedStoreClient } from './browser/shared-store.ts'
import { browserTransport } from './browser/transport.ts'
import { partsOf } from './parts.ts'
import type { Platform } from './platform.ts'
import { whereOf } from './where.ts'

/** WebCrypto, the browser's WebSocket, and IndexedDB where something is kept; it loads when it is used. */
export const platform: Platform = {
  createClient: async (options: ClientOptions): Promise<Client> => {
    const where = whereOf(options)
    const { identity, unlock } = options
    const crypto = webCrypto()
    const transport = () => options.transport ?? browserTransport({ crypto })
    const parts = { ...partsOf(options), crypto, clock: systemClock() }
    if (where.kind === 'named') {
      const name = where.name ?? identity?.address ?? ''
      return sharedStoreClient({ name, transport, parts, ...(unlock && { unlock }) })
    }
    // Loaded for those who keep nothing.
    const memory = async () => (await import('../adapters/storage/memory.ts')).memoryStorage()
    const storage = where.kind === 'given' ? where.storage : await memory()
    const store = sealedStore(storage, options.storeKey ?? crypto.random(32), crypto.random)
    return assembleClient({ ...parts, store, transport: transport() })
  },
  linkDevice: async (options: LinkDeviceOptions): Promise<Client> => {
    const { linkInBrowser } = await import('./browser/later.ts')
    return platform.createClient(await linkInBrowser(options))
  },
  importBackup: async (options: ImportBackupOptions): Promise<ImportedBackup> => {
    const { intoBrowserStore } = await import('./browser/later.ts')
    return intoBrowserStore(options, whereOf(options))
  },
  verifyBackup: async (options: VerifyBackupOptions): Promise<BackupInfo> =>
    (await import('./browser/later.ts')).verifyBackup(webCrypto(), options),
  relockStore: ({ store, unlock, next }: RelockOptions): Promise<void> => relockBrowserStore(store, unlock, next),
}
