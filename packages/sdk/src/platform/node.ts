import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock } from '../adapters/clock/system-clock.ts'
import { nodeCrypto } from '../adapters/crypto/node.ts'
import { memoryStorage } from '../adapters/storage/memory.ts'
import { assembleClient } from '../client/assemble-client.ts'
import type { Client } from '../client/client.ts'
import type { ClientOptions } from '../client/client-options.ts'
import { sealedStore } from '../domain/store/sealed-store.ts'
import type { Transport } from '../ports/transport.ts'
import { openNodeStore } from './node/open-store.ts'
import { partsOf } from './parts.ts'
import type { Platform } from './platform.ts'
import { whereOf } from './where.ts'

/** Stores of identities that were given no place. */
const FOLDER = '.dchat'

const defaultTransport = async (): Promise<Transport> => (await import('./node/transport.ts')).nodeTransport()

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
}
