import { expect, test } from 'vitest'
import { createRelay } from '../../../../relay/src/index.ts'
import { systemClock } from '../../../src/adapters/clock/system-clock.ts'
import { nodeCrypto } from '../../../src/adapters/crypto/node.ts'
import { type MemoryBacking, memoryStorage } from '../../../src/adapters/storage/memory.ts'
import { assembleClient } from '../../../src/client/assemble-client.ts'
import { createSharedClient } from '../../../src/client/shared/shared-client.ts'
import { sealedStore } from '../../../src/domain/store/sealed-store.ts'
import { DchatError } from '../../../src/errors.ts'
import { type Client, createClient, createIdentity, type Message, type NewIdentity } from '../../../src/index.ts'
import { nodeTransport } from '../../../src/platform/node/transport.ts'
import type { Storage } from '../../../src/ports/storage.ts'
import type { RelayLink, Transport } from '../../../src/ports/transport.ts'
import type { RelayUrl } from '../../../src/records/ids.ts'
import { Origin, type SimTab } from '../../../src/testing/tabs/origin.ts'
import { systemRandom } from '../../../src/util/system-random.ts'
import { seeded } from './support.ts'

const textOf = ({ content }: Message): string => (content.type === 'text' ? content.text : '')
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A store behind a fence, as the one in browsers: whoever opened it last has it, and the dead do nothing. */
class Disk {
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

test('tabs over real clients: each message once, in order, whoever dies', async () => {
  await using relay = await createRelay()
  const origin = new Origin(seeded(7))
  const disk = new Disk()
  const crypto = nodeCrypto()
  const identity: NewIdentity = createIdentity()
  const peer = await createClient({ identity: createIdentity(), relays: [relay.url], store: ':memory:' })
  await using _p = peer
  await peer.connect()
  const received: string[] = []
  void (async () => {
    for await (const message of peer.messages.stream()) received.push(textOf(message))
  })()

  const open = async () => {
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
  const tabs = [await open(), await open(), await open()]
  const [first] = tabs as [(typeof tabs)[0]]
  await first.client.connect()
  const { id } = await first.client.conversations.dm(peer.address)

  // One side opens the conversation: two rooms that become one would each keep an order of their own.
  await first.client.messages.send(id, 'hello')
  while (received.length === 0) await pause(10)
  received.length = 0

  const survivor = tabs[2] as (typeof tabs)[0]
  const found: string[] = []
  const reading = (async () => {
    for await (const message of survivor.client.messages.stream({ after: 'now', name: 'survivor' })) {
      found.push(textOf(message))
      if (found.length === 40) break
    }
  })()
  const sends: Promise<Message>[] = []
  const chat = await peer.conversations.dm(identity.address)
  for (let n = 0; n < 40; n++) {
    await chat.send(`peer ${n}`)
    sends.push(survivor.client.messages.send(id, `tab ${n}`))
    if (n === 10 || n === 20 || n === 30) {
      const owner = tabs.find((each) => each.tab.isAlive && each !== survivor && each.isOwner())
      owner?.kill()
      tabs.push(await open())
    }
    await pause(10)
  }
  const sent = await Promise.all(sends)
  await Promise.all(
    sent.map(({ id: message }) => survivor.client.messages.waitFor(message, 'sent', { timeout: 60_000 })),
  )
  await reading
  expect(found).toEqual(Array.from({ length: 40 }, (_, n) => `peer ${n}`))
  for (let round = 0; received.length < 40 && round < 500; round++) await pause(20)
  expect(received).toEqual(Array.from({ length: 40 }, (_, n) => `tab ${n}`))
  expect(tabs.filter(({ tab }) => !tab.isAlive).length).toBeGreaterThanOrEqual(2)
  const shared: readonly Client[] = tabs.filter(({ tab }) => tab.isAlive).map(({ client }) => client)
  for (const client of shared) await client.close()
  expect(origin.held).toEqual([])
}, 120_000)
