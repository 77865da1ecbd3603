import { systemClock } from '../adapters/clock/system-clock.ts'
import { webCrypto } from '../adapters/crypto/web.ts'
import { memoryStorage } from '../adapters/storage/memory.ts'
import { assembleClient } from '../client/assemble-client.ts'
import type { Client } from '../client/client.ts'
import type { ClientOptions } from '../client/client-options.ts'
import { sealedStore } from '../domain/store/sealed-store.ts'
import { DchatError } from '../errors.ts'
import { browserTransport } from './browser/transport.ts'
import { partsOf } from './parts.ts'
import type { Platform } from './platform.ts'
import { whereOf } from './where.ts'

/** WebCrypto and the browser's WebSocket. */
export const platform: Platform = {
  createClient: async (options: ClientOptions): Promise<Client> => {
    const where = whereOf(options)
    const crypto = webCrypto()
    if (where.kind === 'named')
      throw new DchatError('storage/unavailable', { store: where.name ?? 'store', reason: 'only ":memory:" is there' })
    const storage = where.kind === 'given' ? where.storage : memoryStorage()
    const store = sealedStore(storage, options.storeKey ?? crypto.random(32), crypto.random)
    const transport = options.transport ?? browserTransport({ crypto })
    return assembleClient({ ...partsOf(options), crypto, clock: systemClock(), transport, store })
  },
}
