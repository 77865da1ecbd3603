import { systemClock } from '../../../src/adapters/clock/system-clock.ts'
import { nodeCrypto } from '../../../src/adapters/crypto/node.ts'
import { type MemoryBacking, memoryStorage } from '../../../src/adapters/storage/memory.ts'
import { assembleClient } from '../../../src/client/assemble-client.ts'
import { createSharedClient } from '../../../src/client/shared/shared-client.ts'
import { sealedStore } from '../../../src/domain/store/sealed-store.ts'
import { DchatError } from '../../../src/errors.ts'
import type { NewIdentity } from '../../../src/index.ts'
import { nodeTransport } from '../../../src/platform/node/transport.ts'
import type { Storage } from '../../../src/ports/storage.ts'
import type { RelayLink, Transport } from '../../../src/ports/transport.ts'
import type { RelayUrl } from '../../../src/records/ids.ts'
import type { Origin, SimTab } from '../../../src/testing/tabs/origin.ts'
import { systemRandom } from '../../../src/util/system-random.ts'

/** A store behind a fence, as the one in browsers: whoever opened it last has it, and the dead do nothing. */
export class Disk {
  readonly #backing: MemoryBacking = { tables: new Map() }
  readonly #key = new Uint8Array(32).fill(5)
  #generation = 0

  open(tab: SimTab): Storage {
    const generation = ++this.#generation
    const storage = memoryStorage(this.#backing)
    const check = () => {
      if (!tab.isAlive || generation !== this.#generation)
        throw new DchatError('storage/in-use', { store: 'test', owner: 'another tab' })
    }
    return {
      read: async (work) => {
        await tab.running()
        return storage.read(work)
      },
      write: async (work) => {
        await tab.running()
        const result = await storage.write(async (tx) => {
          const value = await work(tx)
          check()
          return value
        })
        await tab.running()
        return result
      },
      changes: (tables, options) => storage.changes(tables, options),
      close: () => storage.close(),
    }
  }

  store(tab: SimTab) {
    return sealedStore(this.open(tab), this.#key, systemRandom)
  }
}

/** Links that end with their tab, as sockets do. */
const cutting = (transport: Transport, links: Set<RelayLink>): Transport => ({
  link: (relay) => {
    const link = transport.link(relay)
    links.add(link)
    return link
  },
})

/** A tab with a real client over the disk, at a relay of its own. */
export const realTab = async (
  origin: Origin,
  disk: Disk,
  identity: NewIdentity,
  relay: { readonly url: string },
  strangers: 'ask' | 'allow' = 'allow',
) => {
  const crypto = nodeCrypto()
  const tab = origin.tab()
  const links = new Set<RelayLink>()
  const client = await createSharedClient({
    name: 'real',
    locks: tab.locks,
    channels: tab.channels,
    clock: systemClock(),
    random: { bytes: systemRandom },
    address: identity.address,
    open: ({ lost }) =>
      assembleClient({
        identity,
        relays: [relay.url as RelayUrl],
        strangers,
        crypto,
        clock: systemClock(),
        transport: cutting(nodeTransport(), links),
        store: disk.store(tab),
        lost,
      }),
  })
  const kill = () => {
    tab.kill()
    for (const link of links) void link.close()
  }
  return { tab, client, kill, isOwner: () => origin.holderOf('dchat/real') === tab }
}
