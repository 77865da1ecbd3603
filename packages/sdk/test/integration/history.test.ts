import { expect, test } from 'vitest'
import { type Client, restoreIdentity } from '../../src/index.ts'
import { kept, past } from './history-support.ts'
import { secondDevice, waitingDevice } from './link-support.ts'
import { listenTo } from './listen-support.ts'
import { next, person, restored, testRelay } from './support.ts'

test('from the phrase alone: what was said is there, in its order, with what was done to it, and the conversation goes on', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await bob.client.connect()
  await alice.client.connect()
  await bob.client.settings.set({ archiveBodies: true })
  const chat = await alice.client.conversations.dm(bob.client.address)
  const sent = []
  for (let n = 0; n < 29; n++) sent.push(await chat.send(`${n}`))
  sent.push(await chat.send('29', { wait: 'sent', timeout: 90_000 }))
  await alice.client.messages.edit(sent[3]?.id as never, 'three')
  await alice.client.messages.delete(sent[4]?.id as never, { wait: 'sent', timeout: 90_000 })
  await bob.client.sync()
  const mine = await bob.client.conversations.dm(alice.client.address)
  // Before the last message: once that is in the archive, so is what was done to others before it.
  await bob.client.messages.react(sent[5]?.id as never, '👍', { wait: 'sent', timeout: 90_000 })
  await mine.send('from me', { wait: 'delivered', timeout: 90_000 })
  const before = await all(bob.client)
  await kept(bob.client, 31)
  await bob.client.close()
  await alice.client.close()

  await using again = await restored(restoreIdentity(bob.phrase), relay)
  await again.connect()
  expect(await past(again)).toMatchObject({ state: 'done', messages: 31 })
  expect((await all(again)).map(shown)).toEqual(before.map(shown))
  const [conversation] = (await again.conversations.list()).items
  expect(conversation).toMatchObject({ state: 'rejoining', unread: 0, lastMessage: { preview: 'from me' } })
  for await (const _ of again.messages.stream({ once: true })) expect.fail('history is nothing new')
})

/** A contact lets a new device in at its turn, which comes after that of the own one that is off. */
const open = async (client: Client): Promise<void> => {
  for await (const { state } of client.conversations.stream({ signal: AbortSignal.timeout(100_000) }))
    if (state === 'open') return
}

/** Everything that was said in the first conversation. */
const all = async (client: Client) => {
  const [conversation] = (await client.conversations.list()).items
  if (conversation === undefined) return []
  return (await client.messages.list(conversation.id, { limit: 500 })).items
}

const shown = ({ id, from, at, content, reactions, editions }: Awaited<ReturnType<typeof all>>[0]) => ({
  id,
  from,
  at,
  content,
  reactions,
  editions,
})

test('a second device that is linked has it all from the archive while the first is off, and everything afterwards', {
  timeout: 150_000,
}, async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await bob.client.connect()
  await alice.client.connect()
  const chat = await alice.client.conversations.dm(bob.client.address)
  for (let n = 0; n < 20; n++) await chat.send(`${n}`)
  await chat.send('last', { wait: 'delivered', timeout: 90_000 })
  // Switched on later, it takes what is there already.
  await bob.client.settings.set({ archiveBodies: true })
  await kept(bob.client, 21)
  const before = await all(bob.client)

  const { linked, shown: code } = await waitingDevice(relay)
  await (await bob.client.devices.link((await code).qr)).approve()
  await bob.client.close()
  await using second = await linked
  await second.connect()
  expect(await past(second)).toMatchObject({ state: 'done', messages: 21 })
  expect((await all(second)).map(shown)).toEqual(before.map(shown))
  expect(await second.settings.get()).toMatchObject({ archiveBodies: true })
  await open(second)
  await chat.send('afterwards', { wait: 'sent', timeout: 90_000 })
  expect((await next(second)).content).toEqual({ type: 'text', text: 'afterwards' })
  expect((await second.conversations.list()).items[0]).toMatchObject({
    unread: 1,
    lastMessage: { preview: 'afterwards' },
  })
  await alice.client.close()
})

test('an old device that is on gives what it has where nothing is in the archive', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await bob.client.connect()
  await alice.client.connect()
  const chat = await alice.client.conversations.dm(bob.client.address)
  const long = 'x'.repeat(2_000)
  for (let n = 0; n < 60; n++) await chat.send(`${n} ${long}`)
  await chat.send('last', { wait: 'delivered', timeout: 90_000 })
  const before = await all(bob.client)

  const told = listenTo((options) => bob.client.events(options))
  await using second = await secondDevice(bob.client, relay)
  expect(await past(second)).toMatchObject({ state: 'done', messages: 61 })
  expect((await all(second)).map(shown)).toEqual(before.map(shown))
  // The old one knows how far it has come, piece by piece.
  const given = { type: 'history-given', device: second.device, messages: 61, total: 61, done: true }
  expect(await told.until((event) => event.type === 'history-given' && event.done)).toEqual(given)
  expect(told.items.filter(({ type }) => type === 'history-given').length).toBeGreaterThan(1)
  await told.stop()
  for await (const _ of second.messages.stream({ once: true })) expect.fail('history is nothing new')
  await bob.client.close()
  await alice.client.close()
})
