import { describe, expect, onTestFinished, test } from 'vitest'
import { host } from '#host'
import { type Client, type ClientEvent, createClient, createIdentity, type Message } from '../../src/index.ts'
import { next, testRelay } from './support.ts'

const relayed = async () => {
  const relay = await testRelay()
  onTestFinished(() => relay.close())
  return relay
}

/** Somebody as people are by default: strangers have to ask. */
const careful = async (relay: { readonly url: string }) => {
  const place = await host.place()
  const open = async (options: Parameters<typeof createClient>[0] = {}) => {
    const client = await createClient({ ...place, ...options })
    onTestFinished(() => client.close())
    await client.connect()
    return client
  }
  return { client: await open({ identity: createIdentity(), relays: [relay.url] }), reopen: () => open() }
}

const event = async <T extends ClientEvent['type']>(client: Client, type: T): Promise<ClientEvent & { type: T }> => {
  for await (const each of client.events({ signal: AbortSignal.timeout(120_000) }))
    if (each.type === type) return each as ClientEvent & { type: T }
  throw new Error('the events ended')
}

const textsOf = async (client: Client, id: Message['conversation']) =>
  (await client.messages.list(id)).items
    .flatMap(({ content }) => (content.type === 'text' ? [content.text] : []))
    .reverse()

const SENT = { wait: 'sent', timeout: 90_000 } as const
const DELIVERED = { wait: 'delivered', timeout: 90_000 } as const

describe("a stranger's first message", () => {
  test('is a request until it is allowed, then everything is there', async () => {
    const relay = await relayed()
    const { client: alice } = await careful(relay)
    const { client: bob, reopen } = await careful(relay)
    const asked = event(bob, 'request')
    const chat = await alice.conversations.dm(bob.address)
    await chat.send('may I?', SENT)
    const { conversation, from } = await asked
    expect(from).toBe(alice.address)
    expect(await bob.contacts.requests()).toMatchObject([{ conversation, from, kind: 'dm' }])
    expect(await bob.conversations.get(conversation)).toMatchObject({ state: 'request', unread: 0, peer: from })
    await chat.send('still there?', SENT)
    await bob.sync()
    expect((await bob.messages.list(conversation)).items).toEqual([])
    expect(await alice.messages.list(chat.id).then(({ items }) => items.map(({ state }) => state))).toEqual([
      'sent',
      'sent',
    ])

    await bob.close()
    const later = await reopen()
    expect(await later.contacts.requests()).toHaveLength(1)
    await later.contacts.allow(from)
    expect(await later.contacts.requests()).toEqual([])
    expect((await next(later)).content).toMatchObject({ text: 'may I?' })
    expect((await next(later)).content).toMatchObject({ text: 'still there?' })
    expect(await later.contacts.person(from)).toMatchObject({ consent: 'allowed', isContact: false })
    const answer = await later.messages.send(conversation, 'of course', DELIVERED)
    expect(answer.state).toMatch(/delivered|read/)
    expect(await textsOf(alice, chat.id)).toEqual(['may I?', 'still there?', 'of course'])
  })

  test('is let in by writing, and where the person is a contact', async () => {
    const relay = await relayed()
    const { client: alice } = await careful(relay)
    const { client: bob } = await careful(relay)
    const { client: carol } = await careful(relay)
    await carol.contacts.add(alice.address, { name: 'Alice' })
    await (await alice.conversations.dm(carol.address)).send('hi Carol', DELIVERED)
    expect((await next(carol)).content).toMatchObject({ text: 'hi Carol' })

    const asked = event(bob, 'request')
    const chat = await alice.conversations.dm(bob.address)
    await chat.send('first', SENT)
    await asked
    await (await bob.conversations.dm(alice.address)).send('second', DELIVERED)
    expect((await next(alice)).content).toMatchObject({ text: 'second' })
    await expect.poll(() => textsOf(bob, chat.id), { timeout: 90_000 }).toContain('first')
    await chat.send('third', DELIVERED)
    await expect.poll(() => textsOf(bob, chat.id), { timeout: 90_000 }).toContain('third')
  })

  test('that was denied is not shown again for what comes into the same room, and is there when they are written to', async () => {
    const relay = await relayed()
    const { client: alice } = await careful(relay)
    const { client: bob } = await careful(relay)
    const asked = event(bob, 'request')
    const chat = await alice.conversations.dm(bob.address)
    await chat.send('buy this', SENT)
    await asked
    await bob.contacts.deny(alice.address)
    expect(await bob.contacts.requests()).toEqual([])
    expect((await bob.conversations.list()).items).toEqual([])
    await chat.send('really', SENT)
    await bob.sync()
    expect(await bob.contacts.requests()).toEqual([])
    await bob.contacts.allow(alice.address)
    expect((await next(bob)).content).toMatchObject({ text: 'buy this' })
    expect((await next(bob)).content).toMatchObject({ text: 'really' })
  })
})

test("a stranger's group is a request, and is accepted or denied for itself", async () => {
  const relay = await relayed()
  const { client: alice } = await careful(relay)
  const { client: bob } = await careful(relay)
  const asked = event(bob, 'request')
  const group = await alice.groups.create({ name: 'Offers', people: [bob.address] })
  const { conversation } = await asked
  expect(conversation).toBe(group.id)
  expect(await bob.contacts.requests()).toMatchObject([{ kind: 'group', name: 'Offers', people: 2 }])
  expect(await bob.conversations.get(conversation)).toMatchObject({ state: 'invited' })
  await bob.groups.accept(conversation)
  expect(await bob.contacts.requests()).toEqual([])

  // In one group with somebody is not yet in the hall.
  const wrote = event(bob, 'request')
  await (await alice.conversations.dm(bob.address)).send('psst', SENT)
  const { conversation: whisper } = await wrote
  expect(await bob.conversations.get(whisper)).toMatchObject({ state: 'request' })

  const again = event(bob, 'request')
  const second = await alice.groups.create({ name: 'More offers', people: [bob.address] })
  await again
  await bob.contacts.deny(alice.address)
  expect(await bob.contacts.requests()).toEqual([])
  expect(await bob.groups.invitations()).toEqual([])
  expect(await bob.conversations.get(second.id)).toBeUndefined()
})

describe('somebody who is blocked', () => {
  test('writes into silence, and nothing of it is ever shown; the other side is refused too', async () => {
    const relay = await relayed()
    const { client: alice } = await careful(relay)
    const { client: bob } = await careful(relay)
    await bob.contacts.add(alice.address)
    const chat = await alice.conversations.dm(bob.address)
    await chat.send('before', DELIVERED)
    expect((await next(bob)).content).toMatchObject({ text: 'before' })
    await bob.contacts.block(alice.address)
    const { id } = await chat.send('into the void', SENT)
    await bob.sync()
    await bob.conversations.markRead(chat.id)
    await bob.sync()
    expect(await textsOf(bob, chat.id)).toEqual(['before'])
    expect(await bob.conversations.get(chat.id)).toMatchObject({ unread: 0 })
    await expect(bob.messages.send(chat.id, 'no')).rejects.toMatchObject({ code: 'conversation/blocked' })
    await expect(bob.conversations.setTimer(chat.id, 60)).rejects.toMatchObject({ code: 'conversation/blocked' })
    await expect(bob.groups.create({ name: 'x', people: [alice.address] })).rejects.toMatchObject({
      code: 'usage/invalid-argument',
    })
    await alice.sync()
    expect(await alice.messages.get(id)).toMatchObject({ state: 'sent' })

    await bob.contacts.unblock(alice.address)
    await chat.send('after', DELIVERED)
    expect(await textsOf(bob, chat.id)).toEqual(['before', 'after'])
  })

  test('asks in vain, without a trace', async () => {
    const relay = await relayed()
    const { client: alice } = await careful(relay)
    const { client: bob } = await careful(relay)
    await bob.contacts.block(alice.address)
    const chat = await alice.conversations.dm(bob.address)
    await chat.send('hello?', SENT)
    const group = await alice.groups.create({ name: 'Join', people: [bob.address] })
    await group.send('hi all', SENT)
    await alice.sync()
    await bob.sync()
    expect(await bob.contacts.requests()).toEqual([])
    expect(await bob.groups.invitations()).toEqual([])
    expect((await bob.conversations.list()).items).toEqual([])
  })

  test('is hidden in a group, for those who blocked them alone, and told nothing of what was read', async () => {
    const relay = await relayed()
    const [{ client: alice }, { client: bob }, { client: carol }] = [
      await careful(relay),
      await careful(relay),
      await careful(relay),
    ]
    for (const client of [bob, carol]) await client.contacts.add(alice.address)
    const group = await alice.groups.create({ name: 'All', people: [bob.address, carol.address] })
    for (const client of [bob, carol]) {
      await expect.poll(() => client.groups.invitations(), { timeout: 90_000 }).toHaveLength(1)
      await client.groups.accept(group.id)
    }
    await bob.contacts.block(carol.address)
    const { id } = await carol.messages.send(group.id, 'from Carol', SENT)
    await carol.messages.react((await group.send('from Alice', SENT)).id, '👎', { wait: 'sent' }).catch(() => undefined)
    await expect.poll(() => textsOf(bob, group.id), { timeout: 90_000 }).toEqual(['from Alice'])
    await expect.poll(() => textsOf(alice, group.id), { timeout: 90_000 }).toEqual(['from Carol', 'from Alice'])
    expect(await bob.messages.get(id)).toBeUndefined()
    expect(await bob.conversations.get(group.id)).toMatchObject({ lastMessage: { preview: 'from Alice' }, unread: 1 })
    await bob.conversations.markRead(group.id)
    await bob.sync()
    await carol.sync()
    const { receipts } = (await carol.messages.get(id)) ?? {}
    expect(receipts?.delivered).not.toContain(bob.address)
    expect(receipts?.read).not.toContain(bob.address)
    await bob.contacts.unblock(carol.address)
    expect(await textsOf(bob, group.id)).toEqual(['from Carol', 'from Alice'])

    await carol.messages.send(group.id, 'last words', SENT)
    const last = async () => (await bob.conversations.get(group.id))?.lastMessage?.preview
    await expect.poll(last, { timeout: 90_000 }).toBe('last words')
    await bob.contacts.block(carol.address)
    expect(await last()).toBeUndefined()
  })
})
