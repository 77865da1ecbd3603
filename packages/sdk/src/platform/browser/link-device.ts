import { systemClock } from '../../adapters/clock/system-clock.ts'
import { webCrypto } from '../../adapters/crypto/web.ts'
import { memoryStorage } from '../../adapters/storage/memory.ts'
import type { ClientOptions } from '../../client/client-options.ts'
import type { LinkDeviceOptions } from '../../client/devices/link-options.ts'
import { sealedStore } from '../../domain/store/sealed-store.ts'
import { clientOptionsOf, linkInStore } from '../link-device.ts'
import { whereOf } from '../where.ts'
import { lockFor } from './import-backup.ts'
import { openBrowserStore } from './open-store.ts'
import { browserTransport } from './transport.ts'

/** Links, while other tabs keep off the store; the result opens it. */
export const linkInBrowser = async (options: LinkDeviceOptions): Promise<ClientOptions> => {
  const where = whereOf(options)
  const { transport, unlock } = options
  const crypto = webCrypto()
  const parts = { crypto, clock: systemClock(), transport: transport ?? browserTransport({ crypto }) }
  if (where.kind !== 'named') {
    const storage = where.kind === 'given' ? where.storage : memoryStorage()
    const { storeKey = crypto.random(32) } = options
    await linkInStore(options, { ...parts, store: sealedStore(storage, storeKey, crypto.random) })
    const { store: _, ...rest } = clientOptionsOf(options)
    return { ...rest, storage, storeKey }
  }
  const name = where.name ?? ''
  const lock = await lockFor(name, options)
  try {
    const opened = await openBrowserStore({ name, create: true, ...(unlock && { unlock }) })
    try {
      await linkInStore(options, { ...parts, store: opened.store })
    } finally {
      await opened.close()
    }
  } finally {
    lock.release()
  }
  return clientOptionsOf(options)
}
