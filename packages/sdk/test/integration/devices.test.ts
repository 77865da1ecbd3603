import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type Client, createClient, createIdentity, parseRelayUrl, restoreIdentity } from '../../src/index.ts'
import { nodeCrypto, nodeTransport } from '../../src/node.ts'
import { appendEntry, encodedLog, verifyLog } from '../../src/protocol/identity/log.ts'
import { next, person, restored, testRelay } from './support.ts'

const dirs: string[] = []
const tempDir = async (): Promise<string> => {
  const dir = await mkdtemp(join(tmpdir(), 'dchat-devices-'))
  dirs.push(dir)
  return dir
}
afterAll(() => Promise.all(dirs.map((dir) => rm(dir, { recursive: true, force: true }))))

const isOpen = async (client: Client): Promise<void> => {
  for await (const { state } of client.conversations.stream({ signal: AbortSignal.timeout(40_000) }))
    if (state === 'open') return
  throw new Error('it did not open')
}

const texts = async (client: Client): Promise<string[]> => {
  const [conversation] = (await client.conversations.list()).items
  if (conversation === undefined) return []
  const { items } = await client.messages.list(conversation.id)
  return items.map(({ content }) => (content.type === 'text' ? content.text : '?')).reverse()
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
  await chat.send('one', { wait: 'delivered', timeout: 30_000 })
  await using b2 = await restored(restoreIdentity(bob.phrase), relay)
  await b2.connect()
  await isOpen(b2)

  await (await b1.conversations.dm(a.address)).send('from the first', { wait: 'sent', timeout: 30_000 })
  await (await b2.conversations.dm(a.address)).send('from the second', { wait: 'sent', timeout: 30_000 })
  await chat.send('two', { wait: 'sent', timeout: 30_000 })
  await Promise.all([a.sync(), b1.sync(), b2.sync()])
  expect(await texts(a)).toEqual(['one', 'from the first', 'from the second', 'two'])
  expect(await texts(b1)).toEqual(await texts(a))
  expect(await texts(b2)).toEqual(['from the first', 'from the second', 'two'])
  const own = (await b2.messages.list(chat.id)).items.filter((message) => message.own)
  expect(own.map(({ device }) => device).sort()).toEqual([b1.device, b2.device].sort())
})

test('an old copy of a store never writes with used keys: it sees that it is old, rejoins, and goes on', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  await using a = alice.client
  await a.connect()
  const [dir, copy] = [await tempDir(), await tempDir()]
  const identity = createIdentity({ random: nodeCrypto().random })
  const bob = await createClient({ identity, relays: [relay.url], store: dir })
  await bob.connect()
  const chat = await a.conversations.dm(bob.address)
  await chat.send('one', { wait: 'delivered', timeout: 30_000 })
  await bob.close()
  await cp(dir, copy, { recursive: true })

  const later = await createClient({ store: dir })
  await later.connect()
  await (await later.conversations.dm(a.address)).send('after the copy', { wait: 'sent', timeout: 30_000 })
  await later.close()
  await chat.send('while the copy slept', { wait: 'sent', timeout: 30_000 })

  await using old = await createClient({ store: copy })
  const rejoined = old.events({ signal: AbortSignal.timeout(30_000) })[Symbol.asyncIterator]()
  const queued = await (await old.conversations.dm(a.address)).send('from the copy')
  expect(queued.state).toBe('queued')
  await old.connect()
  while (true) {
    const { value, done } = await rejoined.next()
    if (done) throw new Error('it did not rejoin')
    if (value.type === 'rejoin' && value.state === 'done') break
  }
  await old.messages.waitFor(queued.id, 'sent', { timeout: 30_000 })
  await chat.send('two', { wait: 'sent', timeout: 30_000 })
  expect((await next(a)).content).toEqual({ type: 'text', text: 'after the copy' })
  expect((await next(a)).content).toEqual({ type: 'text', text: 'from the copy' })
  await old.sync()
  expect(await texts(old)).toEqual(['one', 'after the copy', 'while the copy slept', 'from the copy', 'two'])
})

test('a revoked device is taken out: it reads nothing more', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await using a = alice.client
  await a.connect()
  await bob.client.connect()
  const chat = await a.conversations.dm(bob.client.address)
  await chat.send('one', { wait: 'delivered', timeout: 30_000 })

  const identity = restoreIdentity(bob.phrase)
  const link = nodeTransport().link(parseRelayUrl(relay.url))
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
  await (await b2.conversations.dm(a.address)).send('the old one is lost', { wait: 'sent', timeout: 30_000 })
  expect((await next(a)).content).toEqual({ type: 'text', text: 'the old one is lost' })
  await a.sync()
  await chat.send('not for the lost one', { wait: 'sent', timeout: 30_000 })
  expect((await next(b2)).content).toEqual({ type: 'text', text: 'not for the lost one' })
  await bob.client.sync({ timeout: 5_000 }).catch(() => undefined)
  expect(await texts(bob.client)).not.toContain('not for the lost one')
  await bob.client.close()
})
