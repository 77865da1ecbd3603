import { expect, test } from 'vitest'
import { host } from '#host'
import { type Client, parseRelayUrl, restoreIdentity } from '../../src/index.ts'
import { appendEntry, encodedLog, verifyLog } from '../../src/protocol/identity/log.ts'
import { next, person, restored, testRelay, texts } from './support.ts'

const isOpen = async (client: Client): Promise<void> => {
  for await (const { state } of client.conversations.stream({ signal: AbortSignal.timeout(120_000) }))
    if (state === 'open') return
  throw new Error('it did not open')
}

test('two devices of one person read the same conversation, and each shows what the other wrote as its own', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await using a = alice.client
  await using b1 = bob.client
  await b1.connect()
  await a.connect()
  const chat = await a.conversations.dm(b1.address)
  await chat.send('one', { wait: 'delivered', timeout: 90_000 })
  await using b2 = await restored(restoreIdentity(bob.phrase), relay)
  await b2.connect()
  await isOpen(b2)

  await (await b1.conversations.dm(a.address)).send('from the first', { wait: 'sent', timeout: 90_000 })
  await (await b2.conversations.dm(a.address)).send('from the second', { wait: 'sent', timeout: 90_000 })
  await chat.send('two', { wait: 'sent', timeout: 90_000 })
  await Promise.all([a.sync(), b1.sync(), b2.sync()])
  expect(await texts(a)).toEqual(['one', 'from the first', 'from the second', 'two'])
  expect(await texts(b1)).toEqual(await texts(a))
  // The first device may have given it what was said before as well.
  expect((await texts(b2)).slice(-3)).toEqual(['from the first', 'from the second', 'two'])
  const own = (await b2.messages.list(chat.id)).items.filter((message) => message.own)
  expect(own.map(({ device }) => device).sort()).toEqual([b1.device, b2.device].sort())
})

test('a revoked device is taken out: it reads nothing more', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await using a = alice.client
  await a.connect()
  await bob.client.connect()
  const chat = await a.conversations.dm(bob.client.address)
  await chat.send('one', { wait: 'delivered', timeout: 90_000 })

  const identity = restoreIdentity(bob.phrase)
  const link = host.transport().link(parseRelayUrl(relay.url))
  const { logs } = await link.request('identity.get', { address: bob.client.address })
  const log = verifyLog(logs[0] as Uint8Array[])
  const [lost] = [...log.devices.values()]
  const signer = { role: 'root', secretKey: identity.roots.root.secretKey } as const
  const revoked = appendEntry(
    encodedLog(log),
    { kind: 'revoke-device', deviceKey: lost?.deviceKey as Uint8Array },
    signer,
  )
  await link.request('identity.put', { log: revoked })
  await link.close()

  await using b2 = await restored(identity, relay)
  await b2.connect()
  await isOpen(b2)
  await (await b2.conversations.dm(a.address)).send('the old one is lost', { wait: 'sent', timeout: 90_000 })
  expect((await next(a)).content).toEqual({ type: 'text', text: 'the old one is lost' })
  await a.sync()
  await chat.send('not for the lost one', { wait: 'sent', timeout: 90_000 })
  expect((await next(b2)).content).toEqual({ type: 'text', text: 'not for the lost one' })
  await bob.client.sync({ timeout: 5_000 }).catch(() => undefined)
  expect(await texts(bob.client)).not.toContain('not for the lost one')
  await bob.client.close()
})
