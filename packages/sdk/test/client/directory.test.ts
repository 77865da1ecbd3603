import { randomBytes } from 'node:crypto'
import { beforeEach, expect, test } from 'vitest'
import { nodeCrypto } from '../../src/adapters/crypto/node.ts'
import { type MemoryBacking, memoryStorage } from '../../src/adapters/storage/memory.ts'
import type { ClientEvent } from '../../src/client/client.ts'
import { Directory } from '../../src/client/directory.ts'
import { sealedStore } from '../../src/domain/store/sealed-store.ts'
import type { Store } from '../../src/domain/store/store.ts'
import { DchatError } from '../../src/errors.ts'
import { encodedLog } from '../../src/protocol/identity/log.ts'
import type { IdentityLog } from '../../src/protocol/identity/log-state.ts'
import type { RelayUrl } from '../../src/records/ids.ts'
import { Broadcast } from '../../src/util/broadcast.ts'
import { addDevice, genesisLog, grow, owner } from '../identity/histories.ts'

const nothing = async () => undefined

const KEY = new Uint8Array(32).fill(4)
const RELAY = 'wss://relay.example' as RelayUrl
let backing: MemoryBacking
let writes: number
let isFull: boolean
let events: ClientEvent[]

const opened = (): { store: Store; directory: Directory } => {
  const storage = memoryStorage(backing)
  const sealed = sealedStore(storage, KEY, (length) => new Uint8Array(randomBytes(length)))
  const store: Store = {
    ...sealed,
    write: (work) => {
      if (isFull) return Promise.reject(new DchatError('storage/full', { store: 'memory' }))
      writes += 1
      return sealed.write(work)
    },
  }
  const told = new Broadcast<ClientEvent>()
  told.on((event) => events.push(event))
  return { store, directory: new Directory(store, undefined as never, told, nodeCrypto(), nothing, nothing) }
}

beforeEach(() => {
  backing = { tables: new Map() }
  writes = 0
  isFull = false
  events = []
})

const person = (name: string): IdentityLog => grow(genesisLog(owner(name)), owner(name), addDevice(`${name}/phone`))
/** Logs without a device, which cost no signature. */
const people = (count: number): IdentityLog[] =>
  Array.from({ length: count }, (_, at) => genesisLog(owner(`person ${at}`)))

/** What a new start knows of them. */
const stored = async (logs: readonly IdentityLog[]): Promise<number> => {
  const { directory } = opened()
  let found = 0
  for (const { address, entries } of logs)
    if ((await directory.get(address))?.entries.length === entries.length) found += 1
  return found
}

test('the logs of many people are kept in a few writes, and all are known after a restart', async () => {
  const logs = people(150)
  const { directory } = opened()
  const learned = await directory.learn(logs.map(encodedLog), [RELAY])
  expect(learned.map(({ address }) => address)).toEqual(logs.map(({ address }) => address))
  expect(writes).toBe(3)
  expect(await stored(logs)).toBe(150)
  expect(directory.relaysOf((logs[7] as IdentityLog).address)).toEqual([RELAY])
  // Nothing is new: nothing is written.
  await directory.learn(logs.map(encodedLog), [RELAY])
  await directory.carried(logs.map(encodedLog))
  expect(writes).toBe(3)
})

test('several logs of one person in one list come to the newest, and news are told after they are durable', async () => {
  const keys = owner('ann')
  const first = person('ann')
  const second = grow(first, keys, addDevice('laptop'))
  const { directory } = opened()
  const seen: number[] = []
  directory.watch(first.address, async ({ entries }) => {
    seen.push(entries.length)
    expect(await stored([second])).toBe(1)
  })
  await directory.learn([first, second, first].map(encodedLog))
  expect(writes).toBe(1)
  expect(seen).toEqual([2, 3])
  expect(events).toEqual([expect.objectContaining({ type: 'device-added', address: first.address })])
  expect(directory.peek(first.address)?.entries).toHaveLength(3)
})

test('what stands before a log that does not verify is kept', async () => {
  const [ann, ben, cleo] = ['ann', 'ben', 'cleo'].map(person) as [IdentityLog, IdentityLog, IdentityLog]
  const { directory } = opened()
  const broken = encodedLog(ben).map((entry) => Uint8Array.from(entry, (byte, at) => (at === 40 ? byte ^ 1 : byte)))
  await expect(directory.learn([encodedLog(ann), broken, encodedLog(cleo)])).rejects.toMatchObject({
    code: 'identity/bad-log',
  })
  expect(await stored([ann])).toBe(1)
  expect(await stored([ben, cleo])).toBe(0)
})

test('what could not be written is written with what is learnt next', async () => {
  const logs = people(3)
  const { directory } = opened()
  isFull = true
  await expect(directory.learn(logs.slice(0, 2).map(encodedLog))).rejects.toMatchObject({ code: 'storage/full' })
  expect(await stored(logs)).toBe(0)
  isFull = false
  await directory.learn(logs.slice(1).map(encodedLog))
  expect(await stored(logs)).toBe(3)
})

test('two who learn at once lose nothing of each other', async () => {
  const keys = owner('ann')
  const short = person('ann')
  const long = grow(short, keys, addDevice('laptop'), addDevice('tablet'))
  const others = people(20)
  const { directory } = opened()
  await Promise.all([
    directory.learn([...others.slice(0, 10), long, ...others.slice(10)].map(encodedLog)),
    directory.learn([short, ...others].map(encodedLog)),
  ])
  expect(directory.peek(short.address)?.entries).toHaveLength(long.entries.length)
  expect(await stored([long, ...others])).toBe(21)
})

test('a fork freezes its person, for good', async () => {
  const keys = owner('ann')
  const trunk = person('ann')
  const branches = ['laptop', 'tablet'].map((name) => grow(trunk, keys, addDevice(name)))
  const { directory } = opened()
  await directory.learn([...branches, person('ben')].map(encodedLog))
  expect(directory.isFrozen(trunk.address)).toBe(true)
  expect(events).toContainEqual({ type: 'identity-frozen', address: trunk.address })
  const again = opened().directory
  await again.get(trunk.address)
  expect(again.isFrozen(trunk.address)).toBe(true)
})
