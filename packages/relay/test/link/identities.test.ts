import { toHex } from '@dchat/sdk/wire'
import { expect, test } from 'vitest'
import { testCrypto } from '../support/crypto.ts'
import { testIdentity } from '../support/identity.ts'
import { client, codeOf, relay } from '../support/relay.ts'
import { tempDir } from '../support/temp.ts'
import { testTopic } from '../support/topic.ts'

const hex = (logs: readonly (readonly Uint8Array[])[]) => logs.map((log) => log.map(toHex))

test('a log is found by its address and by every root and recovery key that it ever had', async () => {
  const at = await relay({ store: await tempDir() })
  const alice = await client(at)
  const identity = testIdentity()
  const device = await identity.newDevice()
  const log = identity.rotate(identity.add(identity.genesis, device.key))
  expect(await alice.request('identity.put', { log: identity.genesis })).toEqual({ length: 1 })
  expect(await alice.request('identity.put', { log })).toEqual({ length: 3 })
  expect(await alice.request('identity.put', { log: identity.genesis })).toEqual({ length: 3 })
  for (const key of Object.values(identity.keys))
    expect(hex((await alice.request('identity.get', { key })).logs)).toEqual(hex([log]))
  expect(hex((await alice.request('identity.get', { address: identity.address })).logs)).toEqual(hex([log]))
  expect(await alice.request('identity.get', { address: testIdentity().address })).toEqual({ logs: [] })
  expect(await alice.request('identity.get', { key: device.key })).toEqual({ logs: [] })
})

test('a log that does not verify is refused and changes nothing', async () => {
  const alice = await client(await relay())
  const identity = testIdentity()
  const stranger = testIdentity()
  const log = identity.add(identity.genesis, (await identity.newDevice()).key)
  const forged = [
    log[0] as Uint8Array,
    stranger.add(stranger.genesis, (await stranger.newDevice()).key)[1] as Uint8Array,
  ]
  expect(await codeOf(alice.request('identity.put', { log: forged }))).toBe('identity/bad-log')
  const broken = (log[1] as Uint8Array).slice()
  broken[broken.length - 1] = (broken[broken.length - 1] as number) ^ 1
  expect(await codeOf(alice.request('identity.put', { log: [log[0] as Uint8Array, broken] }))).toBe('identity/bad-log')
  expect(await alice.request('identity.get', { address: identity.address })).toEqual({ logs: [] })
})

test('every branch of a fork is kept and served, up to a bound, and survives a restart', async () => {
  const store = await tempDir()
  const at = await relay({ store })
  const alice = await client(at)
  const identity = testIdentity()
  const keys = await Promise.all(Array.from({ length: 8 }, async () => (await identity.newDevice()).key))
  const branches = keys.map((key) => identity.add(identity.genesis, key))
  for (const log of branches) await alice.request('identity.put', { log })
  const ninth = identity.add(identity.genesis, (await identity.newDevice()).key)
  expect(await codeOf(alice.request('identity.put', { log: ninth }))).toBe('relay/quota')
  await alice.close()
  await at.close()
  const bob = await client(await relay({ store }))
  expect(hex((await bob.request('identity.get', { address: identity.address })).logs).sort()).toEqual(
    hex(branches).sort(),
  )
  const longer = identity.revoke(branches[3] as Uint8Array[], keys[3] as Uint8Array)
  expect(await bob.request('identity.put', { log: longer })).toEqual({ length: 3 })
  expect((await bob.request('identity.get', { address: identity.address })).logs).toHaveLength(8)
})

test('only a certified device publishes packages, and each one-time package is claimed once', async () => {
  const at = await relay()
  const [alice, bob] = [await client(at), await client(at)]
  const identity = testIdentity()
  const [phone, laptop] = [await identity.newDevice(), await identity.newDevice()]
  const packages = [testCrypto.random(300), testCrypto.random(300)]
  const publish = (device = phone.key) =>
    alice.request('keys.publish', { device, suite: 's', oneTime: packages, lastResort: testCrypto.random(200) })
  expect(await codeOf(publish())).toBe('relay/not-permitted')
  await alice.prove('device', phone.key, phone.seed)
  expect(await codeOf(publish())).toBe('relay/not-permitted')
  const log = identity.add(identity.add(identity.genesis, phone.key), laptop.key)
  await alice.request('identity.put', { log })
  expect(await publish()).toEqual({ count: 2 })
  expect(await alice.request('keys.count', { device: phone.key, suite: 's' })).toEqual({ count: 2, lastResort: true })
  expect(await codeOf(bob.request('keys.count', { device: phone.key, suite: 's' }))).toBe('relay/not-permitted')
  const claims = await Promise.all(
    [1, 2, 3].map(() => bob.request('keys.claim', { address: identity.address, suite: 's' })),
  )
  const handed = claims.flatMap(({ packages: claimed }) => claimed)
  expect(handed.map(({ device }) => toHex(device))).toEqual(Array(3).fill(toHex(phone.key)))
  expect(
    handed
      .filter(({ lastResort }) => !lastResort)
      .map((one) => toHex(one.package))
      .sort(),
  ).toEqual(packages.map(toHex).sort())
  expect(handed.filter(({ lastResort }) => lastResort)).toHaveLength(1)

  await alice.request('identity.put', { log: identity.revoke(log, phone.key) })
  expect(await codeOf(publish())).toBe('relay/not-permitted')
  expect(await bob.request('keys.claim', { address: identity.address, suite: 's' })).toEqual({ packages: [] })
  expect(await bob.request('keys.claim', { address: testIdentity().address, suite: 's' })).toEqual({ packages: [] })
})

test('an inbox takes items for certified devices, hands them to their holder, and forgets what is acknowledged', async () => {
  const at = await relay({ limits: { inboxItems: 4 } })
  const [alice, bob] = [await client(at), await client(at)]
  const identity = testIdentity()
  const device = await identity.newDevice()
  const put = (text: number, reference = testCrypto.random(16)) =>
    bob.request('inbox.put', { device: device.key, reference, body: new Uint8Array([text]) })
  expect(await codeOf(put(0))).toBe('relay/not-permitted')
  await alice.request('identity.put', { log: identity.add(identity.genesis, device.key) })
  const reference = testCrypto.random(16)
  expect([await put(1, reference), await put(2), await put(1, reference)]).toEqual([{ seq: 1 }, { seq: 2 }, { seq: 1 }])
  expect(await codeOf(alice.request('inbox.head', { device: device.key }))).toBe('relay/not-permitted')
  await alice.prove('device', device.key, device.seed)
  const items = alice.subscribe('inbox', { device: device.key, after: 0 })
  await items.count(2)
  await put(3)
  expect((await items.count(3)).map(({ seq, body }) => [seq, body[0]])).toEqual([
    [1, 1],
    [2, 2],
    [3, 3],
  ])
  await put(4)
  expect(await codeOf(put(5))).toBe('transport/rate-limited')
  await alice.request('inbox.ack', { device: device.key, seq: 3 })
  expect(await put(6)).toEqual({ seq: 5 })
  expect(await alice.request('inbox.head', { device: device.key })).toEqual({ seq: 5 })
  const again = alice.subscribe('inbox', { device: device.key, after: 0 })
  expect((await again.count(2)).map(({ seq }) => seq)).toEqual([4, 5])
  expect(await codeOf(bob.request('inbox.ack', { device: device.key, seq: 5 }))).toBe('relay/not-permitted')
})

test('a revoked device is given nothing more of what was left for it, and is told so where it listens', async () => {
  const at = await relay()
  const [alice, bob] = [await client(at), await client(at)]
  const identity = testIdentity()
  const [kept, lost] = [await identity.newDevice(), await identity.newDevice()]
  const log = identity.add(identity.add(identity.genesis, kept.key), lost.key)
  await alice.request('identity.put', { log })
  const put = (device: Uint8Array) =>
    bob.request('inbox.put', { device, reference: testCrypto.random(16), body: new Uint8Array([1]) })
  for (const { key, seed } of [kept, lost]) await alice.prove('device', key, seed)
  const [keeps, loses] = [kept, lost].map(({ key }) => alice.subscribe('inbox', { device: key, after: 0 }))
  for (const { key } of [kept, lost]) await put(key)
  await Promise.all([keeps?.count(1), loses?.count(1)])

  await bob.request('identity.put', { log: identity.revoke(log, lost.key) })
  expect(await loses?.ended).toBe('relay/not-permitted')
  await put(kept.key)
  await keeps?.count(2)
  const device = lost.key
  const asked = [
    put(device),
    alice.request('inbox.head', { device }),
    alice.request('inbox.ack', { device, seq: 1 }),
    alice.request('keys.count', { device, suite: 's' }),
    alice.request('archive.list', { device, address: identity.address, limit: 1 }),
    alice.request('archive.put', { device, address: identity.address, slot: device, body: device }),
  ]
  expect(new Set(await Promise.all(asked.map(codeOf)))).toEqual(new Set(['relay/not-permitted']))
  expect(await alice.subscribe('inbox', { device, after: 0 }).ended).toBe('relay/not-permitted')
})

test('a log that would fork the identity is refused where its writer says so', async () => {
  const at = await relay()
  const alice = await client(at)
  const identity = testIdentity()
  const [one, other] = [await identity.newDevice(), await identity.newDevice()]
  const [first, second] = [one, other].map(({ key }) => identity.add(identity.genesis, key)) as [
    Uint8Array[],
    Uint8Array[],
  ]
  const put = (log: readonly Uint8Array[]) => alice.request('identity.put', { log, fork: false })
  await put(first)
  expect(await codeOf(put(second))).toBe('relay/conflict')
  expect(await put(first)).toEqual({ length: 2 })
  expect(await put(identity.add(first, other.key))).toEqual({ length: 3 })
  const { logs } = await alice.request('identity.get', { address: identity.address })
  expect(logs).toHaveLength(1)
})

test('the archive is open to certified devices of its identity alone', async () => {
  const at = await relay({ limits: { archiveSlots: 2 } })
  const alice = await client(at)
  const [identity, stranger] = [testIdentity(), testIdentity()]
  const [device, other] = [await identity.newDevice(), await stranger.newDevice()]
  await alice.request('identity.put', { log: identity.add(identity.genesis, device.key) })
  await alice.request('identity.put', { log: stranger.add(stranger.genesis, other.key) })
  const { address } = identity
  const put = (by: Uint8Array, slot: number, body = new Uint8Array([slot])) =>
    alice.request('archive.put', { device: by, address, slot: new Uint8Array([slot]), body })
  expect(await codeOf(put(device.key, 1))).toBe('relay/not-permitted')
  for (const { key, seed } of [device, other]) await alice.prove('device', key, seed)
  expect(await codeOf(put(other.key, 1))).toBe('relay/not-permitted')
  await put(device.key, 2)
  await put(device.key, 1)
  await put(device.key, 2, new Uint8Array([9, 9]))
  expect(await codeOf(put(device.key, 3))).toBe('relay/quota')
  const list = (by: Uint8Array, after?: number) =>
    alice.request('archive.list', {
      device: by,
      address,
      limit: 10,
      ...(after === undefined ? {} : { after: new Uint8Array([after]) }),
    })
  expect((await list(device.key)).slots.map(({ slot, body }) => [[...slot], [...body]])).toEqual([
    [[1], [1]],
    [[2], [9, 9]],
  ])
  expect((await list(device.key, 1)).slots.map(({ slot }) => [...slot])).toEqual([[2]])
  expect(await codeOf(list(other.key))).toBe('relay/not-permitted')
  const get = (by: Uint8Array, slot: number) =>
    alice.request('archive.get', { device: by, address, slot: new Uint8Array([slot]) })
  expect(await get(device.key, 2)).toMatchObject({ body: new Uint8Array([9, 9]) })
  expect(await get(device.key, 7)).toEqual({ body: null, time: 0 })
  expect(await codeOf(get(other.key, 2))).toBe('relay/not-permitted')
  await put(device.key, 2, new Uint8Array())
  expect(await get(device.key, 2)).toMatchObject({ body: null })
  await put(device.key, 3)
})

test('by invitation, only listed addresses and their devices begin something', async () => {
  const invited = testIdentity()
  const at = await relay({ policy: 'invitation', invited: [invited.address] })
  const alice = await client(at)
  const device = await invited.newDevice()
  expect(await alice.request('relay.info', {})).toMatchObject({ policy: 'invitation' })
  expect(await codeOf(alice.request('identity.put', { log: testIdentity().genesis }))).toBe('relay/not-invited')
  await alice.request('identity.put', { log: invited.add(invited.genesis, device.key) })
  const topic = await testTopic()
  await alice.prove('topic', topic.id, topic.seed(0))
  const open = async () =>
    codeOf(alice.request('topic.publish', { topic: topic.id, create: await topic.create(), entries: [] }))
  expect(await open()).toBe('relay/not-invited')
  await alice.prove('device', device.key, device.seed)
  expect(await open()).toBe('no error')
})
