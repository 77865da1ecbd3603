import { broadcastChannels } from '../../adapters/channels/broadcast-channel.ts'
import { systemClock } from '../../adapters/clock/system-clock.ts'
import { webLocks } from '../../adapters/locks/web-locks.ts'
import { pageSurroundings } from '../../adapters/surroundings/page.ts'
import { assembleClient, type ClientParts } from '../../client/assemble-client.ts'
import type { Client } from '../../client/client.ts'
import type { Opening } from '../../client/shared/seat.ts'
import { createSharedClient } from '../../client/shared/shared-client.ts'
import type { Unlock } from '../../domain/store/store-key.ts'
import type { Transport } from '../../ports/transport.ts'
import { systemRandom } from '../../util/system-random.ts'
import { admitToBrowserStore, deleteBrowserStore, openBrowserStore } from './open-store.ts'

export interface SharedStoreOptions {
  /** The store's IndexedDB database; tabs and workers with the same name share one owner. */
  readonly name: string
  readonly unlock?: Unlock
  /** A way to the relays for each time that this tab has the store. */
  readonly transport: () => Transport
  readonly parts: Omit<ClientParts, 'store' | 'transport' | 'lost' | 'onExpired'>
}

/** The client of a store of this browser, which any number of tabs and workers may have open. */
export const sharedStoreClient = async ({ name, unlock, transport, parts }: SharedStoreOptions): Promise<Client> => {
  const { identity, onClose, ...rest } = parts
  const way = { name, ...(unlock && { unlock }) }
  // Needed until the store has it: who takes over later must not make a new store where this one was thrown away.
  let given = identity
  const open = async ({ lost, ended }: Opening): Promise<Client> => {
    const opened = await openBrowserStore({ ...way, create: given !== undefined })
    if (opened.evicted) rest.log?.warn('store evicted')
    opened.lost.addEventListener('abort', ended, { once: true })
    try {
      return await assembleClient({
        ...rest,
        ...(given && { identity: given }),
        transport: transport(),
        store: opened.store,
        lost: AbortSignal.any([lost, opened.lost]),
        onClose: () => opened.close(),
        onExpired: async () => {
          await opened.close()
          await deleteBrowserStore(name)
          ended()
        },
      })
    } catch (error) {
      await opened.close()
      throw error
    }
  }
  const client = await createSharedClient({
    name,
    locks: webLocks(),
    channels: broadcastChannels(),
    surroundings: pageSurroundings(),
    clock: systemClock(),
    random: { bytes: systemRandom },
    admit: () => admitToBrowserStore(way),
    open,
    ...(identity && { address: identity.address }),
    ...(onClose && { onClose }),
  })
  given = undefined
  return client
}
