import { type Entry, fromHex, toHex } from '@dchat/sdk/wire'
import { expect } from 'vitest'
import { TestClient } from '../support/client.ts'
import { testCrypto } from '../support/crypto.ts'
import { testIdentity } from '../support/identity.ts'
import { codeOf } from '../support/relay.ts'
import { testTopic } from '../support/topic.ts'

/** What a relay was given and answered; hex throughout. */
export interface Filled {
  readonly relayKey: string
  readonly topic: string
  /** Of topic keys, by epoch. */
  readonly seeds: readonly string[]
  /** Entry hashes and bodies, by place. */
  readonly entries: readonly { readonly entry: string; readonly body: string | null }[]
  readonly blob: { readonly id: string; readonly body: string }
  /** Absent where the relay knew no successor lists. */
  readonly successor?: string
  readonly address: string
  readonly log: readonly string[]
  readonly device: { readonly key: string; readonly seed: string }
  readonly revoked: { readonly key: string; readonly seed: string }
  /** Bodies that were not fetched yet. */
  readonly inbox: readonly { readonly seq: number; readonly body: string }[]
  readonly lastResort: string
  readonly archive: { readonly slot: string; readonly body: string }
}

const random = testCrypto.random
const bytes = (hex: string): Uint8Array => fromHex(hex) as Uint8Array
const hexOf = ({ receipt, body }: Entry) => ({ entry: toHex(receipt.entry), body: body && toHex(body) })

const readAll = async (client: TestClient, topic: Uint8Array) =>
  (await client.request('topic.read', { topic, after: 0, limit: 256 })).entries

/** Gives a relay some of everything that it keeps, over the link, as clients of every version do. */
export const fill = async (url: string): Promise<Filled> => {
  const client = await TestClient.connect(url)
  const topic = await testTopic()
  const { id } = topic
  const prove = (epoch: number) => client.prove('topic', id, topic.seed(epoch))
  const blob = { id: random(16), body: random(300) }
  await prove(0)
  const publish = (entries: Parameters<typeof client.request<'topic.publish'>>[1]['entries'], more = {}) =>
    client.request('topic.publish', { topic: id, entries, ...more })
  await publish([topic.message(0, 'one'), topic.message(0, 'two')], { create: await topic.create() })
  await publish([await topic.commit(0, { attach: [blob] })], { attach: [blob] })
  await prove(1)
  await publish([topic.message(1, 'three')])
  await publish([await topic.commit(1, { removes: true })])
  await prove(2)
  await publish([topic.message(2, 'four')])
  const announcement = random(40)
  const put = client.request('successor.put', { topic: id, reference: random(16), body: announcement })
  const knowsSuccessors = (await codeOf(put)) === 'no error'

  const person = testIdentity()
  const [device, revoked] = [await person.newDevice(), await person.newDevice()]
  const log = person.revoke(person.add(person.add(person.genesis, device.key), revoked.key), revoked.key)
  await client.request('identity.put', { log })
  await client.prove('device', device.key, device.seed)
  const [item, last, body] = [random(60), random(80), random(90)]
  for (const each of [random(50), item])
    await client.request('inbox.put', { device: device.key, reference: random(16), body: each })
  await client.request('inbox.ack', { device: device.key, seq: 1 })
  const oneTime = [random(70), random(70), random(70)]
  await client.request('keys.publish', { device: device.key, suite: 's', oneTime, lastResort: last })
  await client.request('keys.claim', { address: person.address, suite: 's' })
  const slot = random(8)
  await client.request('archive.put', { device: device.key, address: person.address, slot, body })

  const entries = await readAll(client, id)
  const filled: Filled = {
    relayKey: toHex(client.welcome.relayKey),
    topic: toHex(id),
    seeds: [0, 1, 2].map((epoch) => toHex(topic.seed(epoch))),
    entries: entries.map(hexOf),
    blob: { id: toHex(blob.id), body: toHex(blob.body) },
    ...(knowsSuccessors && { successor: toHex(announcement) }),
    address: person.address,
    log: log.map(toHex),
    device: { key: toHex(device.key), seed: toHex(device.seed) },
    revoked: { key: toHex(revoked.key), seed: toHex(revoked.seed) },
    inbox: [{ seq: 2, body: toHex(item) }],
    lastResort: toHex(last),
    archive: { slot: toHex(slot), body: toHex(body) },
  }
  await client.close()
  return filled
}

/** Holds a relay to everything that it was given, and goes on from there. */
export const holds = async (url: string, filled: Filled): Promise<void> => {
  const client = await TestClient.connect(url)
  expect(toHex(client.welcome.relayKey)).toBe(filled.relayKey)
  const id = bytes(filled.topic)
  // An old key opens what it always did: everything up to the removal.
  await client.prove('topic', id, bytes(filled.seeds[1] as string))
  expect((await readAll(client, id)).map(hexOf)).toEqual(filled.entries.slice(0, 5))
  await client.prove('topic', id, bytes(filled.seeds[2] as string))
  expect((await readAll(client, id)).map(hexOf)).toEqual(filled.entries)
  const blob = await client.request('blob.get', { id: bytes(filled.blob.id) })
  expect(toHex(blob.body)).toBe(filled.blob.body)
  const listed = async () =>
    (await client.request('successor.list', { topic: id, after: 0, limit: 16 })).items.map(({ body }) => toHex(body))
  const before = filled.successor === undefined ? [] : [filled.successor]
  expect(await listed()).toEqual(before)
  const next = random(20)
  await client.request('successor.put', { topic: id, reference: random(16), body: next })
  expect(await listed()).toEqual([...before, toHex(next)])
  const five = { kind: 'application', epoch: 2, reference: random(16), body: random(9) } as const
  const { receipts } = await client.request('topic.publish', { topic: id, entries: [five] })
  expect(receipts.map(({ seq }) => seq)).toEqual([filled.entries.length + 1])

  const { address } = filled
  const { logs } = await client.request('identity.get', { address })
  expect(logs.map((log) => log.map(toHex))).toEqual([filled.log])
  const [device, revoked] = [filled.device, filled.revoked].map(({ key, seed }) => ({
    key: bytes(key),
    seed: bytes(seed),
  }))
  if (!device || !revoked) throw new Error('a fixture has two devices')
  await client.prove('device', revoked.key, revoked.seed)
  expect(await codeOf(client.request('inbox.head', { device: revoked.key }))).toBe('relay/not-permitted')
  await client.prove('device', device.key, device.seed)
  const inbox = client.subscribe('inbox', { device: device.key, after: 0 })
  const items = await inbox.count(filled.inbox.length)
  expect(items.map(({ seq, body }) => ({ seq, body: toHex(body) }))).toEqual(filled.inbox)
  const last = filled.inbox.at(-1)?.seq ?? 0
  const put = await client.request('inbox.put', { device: device.key, reference: random(16), body: random(9) })
  expect(put.seq).toBe(last + 1)
  const claim = async () => (await client.request('keys.claim', { address, suite: 's' })).packages[0]
  expect([await claim(), await claim()].map((claimed) => claimed?.lastResort)).toEqual([false, false])
  const resort = await claim()
  expect(resort && toHex(resort.package)).toBe(filled.lastResort)
  const slot = { device: device.key, address, slot: bytes(filled.archive.slot) }
  expect(toHex((await client.request('archive.get', slot)).body ?? new Uint8Array())).toBe(filled.archive.body)
  await client.request('archive.put', { ...slot, body: random(5) })
  await client.close()
}
