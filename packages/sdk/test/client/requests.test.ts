import { expect, test } from 'vitest'
import { memoryStorage } from '../../src/adapters/storage/memory.ts'
import type { Core } from '../../src/client/core.ts'
import { keepDmRequest, listRequests, noteRequest, withPointer } from '../../src/client/people/requests.ts'
import { setConsent } from '../../src/client/people/set-consent.ts'
import type { JobRecord } from '../../src/client/records.ts'
import { sealedStore } from '../../src/domain/store/sealed-store.ts'
import { encodeWelcomePointer } from '../../src/protocol/inbox/bodies.ts'
import type { Address, RelayUrl } from '../../src/records/ids.ts'
import { utf8 } from '../../src/util/bytes.ts'
import { sha256 } from '../../src/util/hash.ts'
import { HandClock } from '../support/clocks.ts'

const random = (length: number) => crypto.getRandomValues(new Uint8Array(length))
const bytesOf = (text: string) => sha256(utf8(text))

/** A store, and what of the core requests work with. */
const setting = () => {
  const clock = new HandClock()
  const store = sealedStore(memoryStorage(), random(32), random)
  const self = { address: 'dchat1me' as Address, device: 'aa'.repeat(16) }
  const core = { clock, store, self, strangers: undefined } as unknown as Core
  return { clock, store, core }
}

const pointer = (room: string, blobs = 1): Uint8Array =>
  encodeWelcomePointer({
    room: bytesOf(room),
    topic: bytesOf(`${room}/topic`),
    hub: { url: 'wss://relay.example' as RelayUrl, key: bytesOf('relay') },
    suite: 'dm-xwing-aes256',
    seq: 1,
    package: bytesOf(`${room}/${blobs}`),
    blobs: Array.from({ length: blobs }, () => random(16)),
    blobKey: random(32),
    kind: 'dm',
    name: '',
    people: 2,
  })

const stranger = (n: number) => `dchat1stranger${`${n}`.padStart(6, '0')}` as Address

test('a flood of strangers keeps the newest hundred, forgets the others, and is told once', async () => {
  const { store, core, clock } = setting()
  let dropped = 0
  let told = 0
  for (let n = 0; n < 130; n++) {
    await clock.advance(1_000)
    const kept = await store.write((tx) => keepDmRequest(tx, core, stranger(n), pointer(`room ${n}`)))
    expect(kept).toMatchObject({ isNew: true })
    if (kept?.dropped !== undefined) expect(kept.dropped).toBe(stranger(dropped++))
    if (kept?.tellDropped) told += 1
  }
  expect([dropped, told]).toEqual([30, 1])
  const requests = await store.read((tx) => listRequests(tx, core))
  expect(requests.map(({ from }) => from)).toEqual(Array.from({ length: 100 }, (_, n) => stranger(129 - n)))
  expect(await store.read((tx) => tx.page('conversations', { scope: 'all', limit: 1_000 }))).toHaveLength(100)

  // Once there is room again, the next flood is told again.
  for (const n of [129, 128]) await store.write((tx) => setConsent(tx, core, stranger(n), 'denied'))
  for (let n = 200; n < 203; n++) {
    const kept = await store.write((tx) => keepDmRequest(tx, core, stranger(n), pointer(`room ${n}`)))
    if (kept?.tellDropped) told += 1
  }
  expect(told).toBe(2)
})

test('answers make room: who was allowed or denied is not dropped for others', async () => {
  const { store, core } = setting()
  for (let n = 0; n < 100; n++) await store.write((tx) => keepDmRequest(tx, core, stranger(n), pointer(`room ${n}`)))
  await store.write((tx) => setConsent(tx, core, stranger(0), 'allowed'))
  const kept = await store.write((tx) => keepDmRequest(tx, core, stranger(100), pointer('room 100')))
  expect(kept?.dropped).toBeUndefined()
  expect(await store.read((tx) => listRequests(tx, core))).toHaveLength(100)
})

test('what one stranger can leave is bounded in number and bytes, and repetitions change nothing', async () => {
  const many = Array.from({ length: 20 }, (_, n) => pointer('room', n + 1))
  let kept: readonly Uint8Array[] = []
  for (const each of many) kept = withPointer(kept, each)
  expect(kept).toEqual(many.slice(-8))
  expect(withPointer(kept, many[19] as Uint8Array)).toBe(kept)
  let large: readonly Uint8Array[] = []
  for (let n = 0; n < 12; n++) large = withPointer(large, pointer(`room ${n}`, 256))
  expect(large.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(48 * 1024)
})

test('an answer becomes work for each Welcome that waited, once, and a blocked person is heard again only later', async () => {
  const { store, core } = setting()
  const alice = stranger(1)
  for (const n of [1, 2]) await store.write((tx) => keepDmRequest(tx, core, alice, pointer('room', n)))
  const joins = () =>
    store.read(async (tx) =>
      (await tx.page<JobRecord>('jobs', { scope: 'all', limit: 100 })).filter(({ value }) => value.kind === 'join'),
    )
  await store.write((tx) => setConsent(tx, core, alice, 'blocked'))
  expect(await store.write((tx) => keepDmRequest(tx, core, alice, pointer('another room')))).toMatchObject({
    isNew: false,
  })
  expect(await store.read((tx) => listRequests(tx, core))).toEqual([])
  await store.write((tx) => setConsent(tx, core, alice, 'unknown'))
  expect(await store.read((tx) => listRequests(tx, core))).toEqual([])
  expect(await joins()).toEqual([])
  await store.write((tx) => setConsent(tx, core, alice, 'allowed'))
  expect(await joins()).toHaveLength(3)
  await store.write((tx) => setConsent(tx, core, alice, 'allowed'))
  expect(await joins()).toHaveLength(3)
  expect(await store.write((tx) => keepDmRequest(tx, core, alice, pointer('third room')))).toBeUndefined()
})

test('where the program lets everybody in, nobody asks', async () => {
  const { store, core } = setting()
  const open = { ...core, strangers: 'allow' } as Core
  expect(await store.write((tx) => keepDmRequest(tx, open, stranger(1), pointer('room')))).toBeUndefined()
  expect(await store.read((tx) => listRequests(tx, open))).toEqual([])
  expect(await store.write((tx) => noteRequest(tx, core, 'nothing' as never))).toEqual({})
})
