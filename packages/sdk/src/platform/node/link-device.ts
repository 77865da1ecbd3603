import { systemClock } from '../../adapters/clock/system-clock.ts'
import { nodeCrypto } from '../../adapters/crypto/node.ts'
import { memoryStorage } from '../../adapters/storage/memory.ts'
import type { ClientOptions } from '../../client/client-options.ts'
import type { LinkDeviceOptions } from '../../client/devices/link-options.ts'
import { sealedStore } from '../../domain/store/sealed-store.ts'
import { clientOptionsOf, linkInStore } from '../link-device.ts'
import { whereOf } from '../where.ts'
import { openNodeStore } from './open-store.ts'

/** Links, while this process has the store; the result opens it. */
export const linkInNode = async (options: LinkDeviceOptions): Promise<ClientOptions> => {
  const where = whereOf(options)
  const { unlock, owner } = options
  const crypto = nodeCrypto()
  const transport = options.transport ?? (await import('./transport.ts')).nodeTransport()
  const parts = { crypto, clock: systemClock(), transport }
  if (where.kind !== 'named') {
    const storage = where.kind === 'given' ? where.storage : memoryStorage()
    const { storeKey = crypto.random(32) } = options
    await linkInStore(options, { ...parts, store: sealedStore(storage, storeKey, crypto.random) })
    const { store: _, ...rest } = clientOptionsOf(options)
    return { ...rest, storage, storeKey }
  }
  const opened = await openNodeStore({
    dir: where.name ?? '',
    create: true,
    ...(unlock && { unlock }),
    ...(owner !== undefined && { owner }),
  })
  try {
    await linkInStore(options, { ...parts, store: opened.store })
  } finally {
    await opened.close()
  }
  return clientOptionsOf(options)
}
