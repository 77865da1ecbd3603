import { expect, test } from 'vitest'
import { host } from '#host'
import type { SelfRecord } from '../../src/client/records.ts'
import { type Client, type ClientEvent, createClient, DchatError, parseRelayUrl, sealedStore } from '../../src/index.ts'
import type { Place } from './host/host.ts'
import { type Between, between, codeOf, isOpen, latch, reopenBetween, secondDevice } from './link-support.ts'
import { next, person, testRelay, texts } from './support.ts'

const place = async () => ({ storage: await host.storage(), storeKey: host.crypto().random(32) })

const selfOf = async ({ storage, storeKey }: Required<Pick<Place, 'storage' | 'storeKey'>>): Promise<SelfRecord> => {
  const store = sealedStore(storage, storeKey, host.crypto().random)
  return (await store.read((tx) => tx.get<SelfRecord>('meta', 'self'))) as SelfRecord
}

const seen = async (client: Client, wanted: ClientEvent['type']): Promise<ClientEvent> => {
  for await (const event of client.events({ signal: AbortSignal.timeout(120_000) }))
    if (event.type === wanted) return event
  throw new Error('the events ended')
}

test('a revoked device learns it, stops, and is given nothing more: no conversation, no inbox, no archive', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await using a = alice.client
  await using b1 = bob.client
  await a.connect()
  await b1.connect()
  const chat = await a.conversations.dm(b1.address)
  await chat.send('one', { wait: 'delivered', timeout: 90_000 })
  const lost = await place()
  const b2 = await secondDevice(b1, relay, { place: lost })
  await isOpen(b2)
  await chat.send('for both', { wait: 'sent', timeout: 90_000 })
  expect((await next(b2)).content).toEqual({ type: 'text', text: 'for both' })

  const told = seen(b2, 'device-revoked')
  await b1.devices.revoke(b2.device)
  expect(await told).toEqual({ type: 'device-revoked', device: b2.device })
  expect((await b1.devices.list()).find(({ id }) => id === b2.device)).toMatchObject({ revoked: true })
  expect(await codeOf(b2.connect())).toBe('identity/device-revoked')
  expect(await codeOf(b2.sync())).toBe('identity/device-revoked')
  expect(await codeOf(b2.messages.send(chat.id, 'nobody hears this'))).toBe('identity/device-revoked')
  // What is here stays readable.
  expect(await texts(b2)).toContain('for both')
  await b2.close()

  await b1.sync()
  await a.sync()
  await chat.send('not for the lost one', { wait: 'sent', timeout: 90_000 })
  expect((await next(b1)).content).toEqual({ type: 'text', text: 'one' })

  const { deviceKey, seed, address } = await selfOf(lost)
  const crypto = host.crypto()
  const link = host.transport().link(parseRelayUrl(relay.url))
  const sign = (message: Uint8Array) => crypto.ed25519.sign(seed, message)
  await link.prove({ kind: 'device', subject: deviceKey, publicKey: deviceKey, sign })
  const slot = new Uint8Array(16)
  const asked = [
    link.request('inbox.head', { device: deviceKey }),
    link.request('inbox.put', { device: deviceKey, reference: slot, body: slot }),
    link.request('keys.count', { device: deviceKey, suite: 's' }),
    link.request('keys.publish', { device: deviceKey, suite: 's', oneTime: [slot] }),
    link.request('archive.list', { device: deviceKey, address, limit: 10 }),
    link.request('archive.get', { device: deviceKey, address, slot }),
    link.request('archive.put', { device: deviceKey, address, slot, body: slot }),
  ]
  expect(new Set(await Promise.all(asked.map(codeOf)))).toEqual(new Set(['relay/not-permitted']))
  const claimed = await link.request('keys.claim', { address, suite: 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519' })
  expect(claimed.packages.map(({ device }) => device)).not.toContainEqual(deviceKey)
  await link.close()

  const again = await createClient({ ...lost, strangers: 'allow' })
  expect(await codeOf(again.connect())).toBe('identity/device-revoked')
  expect(await texts(again)).not.toContain('not for the lost one')
  await again.close()
})

test('a revoked device that does not want to know reads nothing more of the conversation', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await using a = alice.client
  await using b1 = bob.client
  await a.connect()
  await b1.connect()
  const chat = await a.conversations.dm(b1.address)
  await chat.send('one', { wait: 'delivered', timeout: 90_000 })
  const lost = await place()
  const b2 = await secondDevice(b1, relay, { place: lost })
  await isOpen(b2)
  await b2.sync()
  await b2.close()
  await b1.devices.revoke(b2.device)
  await b1.sync()
  await a.sync()
  await chat.send('not for the lost one', { wait: 'sent', timeout: 90_000 })
  await b1.sync()
  expect(await texts(b1)).toContain('not for the lost one')

  const stubborn = await reopenBetween(lost, deaf)
  await codeOf(stubborn.connect({ timeout: 5_000 }))
  await codeOf(stubborn.sync({ timeout: 5_000 }))
  expect(await texts(stubborn)).not.toContain('not for the lost one')
  await stubborn.close()
})

/** Asks nobody for the own log, and takes no refusal for a reason to. */
const deaf: Between = (ask, method, params) =>
  method === 'identity.get' ? Promise.resolve({ logs: [] } as never) : ask(method, params)

test('what a revoked device sends is void for every member, also for one who has not heard of it', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  let removing = true
  await bob.client.connect()
  await bob.client.close()
  // The hub refuses the removal, so the revoked device still has the keys of the conversation.
  const held: Between = async (ask, method, params) => {
    const { entries = [] } = params as { entries?: readonly { kind: string }[] }
    if (method === 'topic.publish' && !removing && entries.some(({ kind }) => kind === 'commit'))
      throw new DchatError('relay/quota', { what: 'bytes of one topic', limit: 0 })
    return ask(method, params)
  }
  await using b1 = await createClient({
    ...bob.place,
    strangers: 'allow',
    transport: between(host.transport(), held),
  })
  await b1.connect()
  await alice.client.connect()
  const chat = await alice.client.conversations.dm(b1.address)
  await chat.send('one', { wait: 'delivered', timeout: 90_000 })
  const lost = await place()
  let hears = true
  const evilStands = latch<void>()
  const watched: Between = async (ask, method, params) => {
    const result = await deaf(ask, method, params)
    // Its first message comes behind a commit of its own.
    const { entries = [] } = params as { entries?: readonly { kind: string }[] }
    if (!hears && entries.some(({ kind }) => kind === 'application')) evilStands.open()
    return result
  }
  const b2 = await secondDevice(b1, relay, { place: lost, transport: between(host.transport(), watched, () => hears) })
  await isOpen(b2)
  await b2.sync()
  await alice.client.sync()
  await alice.client.close()

  hears = false
  removing = false
  await b1.devices.revoke(b2.device)
  const own = await b1.conversations.dm(alice.client.address)
  await own.send('the other one is lost', { wait: 'sent', timeout: 90_000 })
  const { id } = await (await b2.conversations.dm(alice.client.address)).send('evil')
  await evilStands.wait
  await expect.poll(async () => (await b2.messages.get(id))?.state).toBe('sending')
  await b2.close()

  await using a = await createClient({ ...alice.place, strangers: 'allow' })
  await a.connect()
  await a.sync()
  await b1.sync()
  expect(await texts(a)).toEqual(['one', 'the other one is lost'])
  expect(await texts(b1)).toEqual(['one', 'the other one is lost'])
})
