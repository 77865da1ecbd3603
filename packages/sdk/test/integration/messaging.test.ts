import { expect, test } from 'vitest'
import { isDchatError, parseAddress } from '../../src/index.ts'
import { next, person, reopen, stranger, testRelay } from './support.ts'

test('what was sent while the other person was away waits for them, also over a restart of both', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await bob.client.connect()
  await bob.client.close()
  await alice.client.connect()
  const chat = await alice.client.conversations.dm(bob.client.address)
  const sent = await chat.send('while you were away', { wait: 'sent', timeout: 90_000 })
  await alice.client.close()

  await using bobAgain = await reopen(bob)
  await bobAgain.connect()
  const [conversation] = (await bobAgain.conversations.list()).items
  expect(conversation).toMatchObject({ peer: alice.client.address, unread: 1, state: 'open' })
  expect(conversation?.lastMessage?.preview).toBe('while you were away')
  expect((await next(bobAgain)).id).toBe(sent.id)

  await using aliceAgain = await reopen(alice)
  await aliceAgain.connect()
  const back = await bobAgain.conversations.dm(alice.client.address)
  await back.send({ type: 'markdown', markdown: '**back**' }, { replyTo: sent.id, wait: 'sent', timeout: 90_000 })
  const answer = await next(aliceAgain)
  expect(answer.content).toEqual({ type: 'markdown', markdown: '**back**', replyTo: sent.id })
  await bobAgain.conversations.markRead(conversation?.id as never)
  expect((await aliceAgain.messages.waitFor(sent.id, 'read', { timeout: 90_000 })).state).toBe('read')
  expect((await bobAgain.conversations.get(conversation?.id as never))?.unread).toBe(0)
})

test('a thousand messages arrive once and in order', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await using sender = alice.client
  await using receiver = bob.client
  await receiver.connect()
  await sender.connect()
  const chat = await sender.conversations.dm(receiver.address)
  const texts = Array.from({ length: 1_000 }, (_, i) => `line ${i}`)
  for (const text of texts) await chat.send(text, { clientId: text })
  const received: string[] = []
  for await (const { content } of receiver.messages.stream({ signal: AbortSignal.timeout(110_000) })) {
    if (content.type === 'text') received.push(content.text)
    if (received.length === texts.length) break
  }
  expect(received).toEqual(texts)
  const page = await receiver.messages.list(chat.id, { limit: 1_000 })
  expect(page.items.map(({ content }) => (content.type === 'text' ? content.text : '')).reverse()).toEqual(texts)
})

test('the same client id with the same content is the same message, with other content an error', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await using client = alice.client
  const chat = await client.conversations.dm(bob.client.address)
  const first = await chat.send('once', { clientId: 'k1' })
  expect((await chat.send('once', { clientId: 'k1' })).id).toBe(first.id)
  await expect(chat.send('twice', { clientId: 'k1' })).rejects.toMatchObject({ code: 'message/client-id-reused' })
  expect((await client.messages.list(chat.id)).items).toHaveLength(1)
  await bob.client.close()
})

test('two people who open a direct message at once end in one conversation, and nothing is lost', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const bob = await person(relay)
  await using a = alice.client
  await using b = bob.client
  await Promise.all([a.connect(), b.connect()])
  const [fromA, fromB] = await Promise.all([a.conversations.dm(b.address), b.conversations.dm(a.address)])
  expect(fromA.id).toBe(fromB.id)
  const [one, two] = await Promise.all([
    fromA.send('from a', { wait: 'sent', timeout: 90_000 }),
    fromB.send('from b', { wait: 'sent', timeout: 90_000 }),
  ])
  expect((await next(b)).id).toBe(one.id)
  expect((await next(a)).id).toBe(two.id)
  const three = await fromA.send('and on', { wait: 'sent', timeout: 90_000 })
  expect((await next(b)).id).toBe(three.id)
  const four = await fromB.send('and back', { wait: 'sent', timeout: 90_000 })
  expect((await next(a)).id).toBe(four.id)
  const ids = async (client: typeof a) => (await client.messages.list(fromA.id)).items.map(({ id }) => id)
  expect(await ids(a)).toEqual(await ids(b))
  expect((await a.conversations.list()).items).toHaveLength(1)
})

test('an address that no relay knows is an unknown peer, and the message says so', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  await using client = alice.client
  await client.connect()
  const chat = await client.conversations.dm(stranger())
  const failure = await chat.send('anybody there?', { wait: 'sent', timeout: 90_000 }).catch((error: unknown) => error)
  expect(isDchatError(failure, 'identity/unknown-peer')).toBe(true)
  const [message] = (await client.messages.list(chat.id)).items
  expect(message).toMatchObject({ state: 'failed', failure: 'identity/unknown-peer' })
  await expect(client.contacts.add(stranger())).rejects.toMatchObject({ code: 'identity/unknown-peer' })
})

test('a direct message with oneself is refused', async () => {
  await using relay = await testRelay()
  const { client } = await person(relay)
  await expect(client.conversations.dm(parseAddress(client.address))).rejects.toMatchObject({
    code: 'usage/invalid-argument',
  })
  await client.close()
  await expect(client.sync()).rejects.toMatchObject({ code: 'usage/closed' })
})
