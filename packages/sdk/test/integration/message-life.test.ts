import { afterEach, beforeEach, expect, test } from 'vitest'
import { host } from '#host'
import { putIntent } from '../../src/client/intents.ts'
import type { ConversationRecord } from '../../src/client/records.ts'
import {
  type Chat,
  type Client,
  type ClientEvent,
  type Message,
  type MessageId,
  mention,
  restoreIdentity,
} from '../../src/index.ts'
import { composeEdit, composeReaction, composeRetraction } from '../../src/protocol/content/compose.ts'
import { roomUriOf, senderUriOf } from '../../src/protocol/content/message-id.ts'
import { fromHex } from '../../src/util/bytes.ts'
import type { TestRelay } from './host/host.ts'
import { becomes, type Member, member } from './life-support.ts'
import { person, restored, stranger, testRelay } from './support.ts'

const SENT = { wait: 'sent', timeout: 90_000 } as const
let relay: TestRelay
const open: Client[] = []

beforeEach(async () => {
  relay = await testRelay()
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()))
  await relay.close()
})

const join = async (options: { reports?: boolean } = {}): Promise<Member> => {
  const one = await member(relay, options)
  open.push(one.client)
  await one.client.connect()
  return one
}

/** Two people who have written to each other. */
const pair = async (): Promise<{ alice: Member; bob: Member; chat: Chat; back: Chat }> => {
  const bob = await join()
  const alice = await join()
  const chat = await alice.client.conversations.dm(bob.client.address)
  const first = await chat.send('first', SENT)
  await becomes(bob.client, first.id, () => true)
  return { alice, bob, chat, back: await bob.client.conversations.dm(alice.client.address) }
}

/** A group whose people have all come in; the first is its owner. */
const group = async (people: readonly Member[]): Promise<Chat> => {
  const [owner, ...others] = people as [Member, ...Member[]]
  const chat = await owner.client.groups.create({
    name: 'Walks',
    people: others.map(({ client }) => client.address),
  })
  for (const { client } of others) {
    for await (const { state } of client.conversations.stream({ signal: AbortSignal.timeout(120_000) }))
      if (state === 'invited') break
    await client.groups.accept(chat.id)
  }
  return chat
}

/** Resolves once the words of an edit stand in the store. */
const becomesQueued = async ({ store, holding }: Member): Promise<void> => {
  const changes = store.changes(['outbox'], { signal: AbortSignal.timeout(120_000) })[Symbol.asyncIterator]()
  let changed = changes.next()
  while ((await holding('said better')).length === 0) {
    await changed
    changed = changes.next()
  }
  changed.catch(() => undefined)
  await changes.return?.()
}

const textOf = ({ content }: Message): string | undefined => (content.type === 'text' ? content.text : undefined)
const refused = (reason?: string) => ({
  code: 'message/not-permitted',
  ...(reason === undefined ? {} : { details: { reason } }),
})

/** What every reader must agree on. */
const stateOf = async (client: Client, id: MessageId) => {
  const { content, editedAt, editions, reactions, mentions, expiresAt, pinned, at, position } =
    (await client.messages.get(id)) as Message
  return { content, editedAt, editions, reactions, mentions, expiresAt, pinned, at, position }
}

test('reactions, edits and deletions are the same for both, and stand when they were read back', async () => {
  const { alice, bob, chat } = await pair()
  const message = await chat.send('Meet at 8', SENT)
  await becomes(bob.client, message.id, () => true)
  await bob.client.messages.react(message.id, '👍', SENT)
  await alice.client.messages.react(message.id, '👍', SENT)
  await alice.client.messages.react(message.id, '🎉', SENT)
  const bobs = await becomes(bob.client, message.id, ({ reactions }) => reactions?.length === 2)
  expect(bobs.reactions).toEqual([
    { emoji: '👍', from: [bob.client.address, alice.client.address] },
    { emoji: '🎉', from: [alice.client.address] },
  ])
  const again = await bob.client.messages.react(message.id, '👍', SENT)
  expect(again.target).toBe(message.id)
  await bob.client.messages.unreact(message.id, '👍', SENT)
  expect(await bob.client.messages.unreact(message.id, '👍', SENT)).toBeUndefined()
  const edit = await alice.client.messages.edit(message.id, 'Meet at 9', SENT)
  const edited = await becomes(bob.client, message.id, ({ editedAt }) => editedAt !== undefined)
  expect(textOf(edited)).toBe('Meet at 9')
  expect(edited.editions?.map(({ content }) => content)).toEqual([{ type: 'text', text: 'Meet at 8' }])
  expect(edited.reactions).toEqual([
    { emoji: '👍', from: [alice.client.address] },
    { emoji: '🎉', from: [alice.client.address] },
  ])
  expect(await stateOf(alice.client, message.id)).toEqual(await stateOf(bob.client, message.id))
  expect((await bob.client.conversations.get(chat.id))?.lastMessage?.preview).toBe('Meet at 9')
  // An id of an edit is as good as the message's own.
  await alice.client.messages.edit(edit.id, 'Meet at 10', SENT)
  expect(textOf((await alice.client.messages.get(message.id)) as Message)).toBe('Meet at 10')

  await alice.client.messages.delete(message.id, SENT)
  const gone = await becomes(bob.client, message.id, ({ content }) => content.type === 'deleted')
  expect(gone).toMatchObject({ content: { type: 'deleted', by: alice.client.address } })
  for (const key of ['editions', 'reactions', 'editedAt']) expect(gone).not.toHaveProperty(key)
  expect(await stateOf(alice.client, message.id)).toEqual(await stateOf(bob.client, message.id))
  for (const { client, holding } of [alice, bob]) {
    expect((await client.conversations.get(chat.id))?.lastMessage?.preview).toBe('This message was deleted.')
    expect(await holding('first')).not.toEqual([])
    for (const words of ['Meet at', '🎉']) expect(await holding(words)).toEqual([])
  }
})

test('what is not permitted is refused before it is sent', async () => {
  const { alice, bob, chat } = await pair()
  const message = await chat.send('mine', SENT)
  await becomes(bob.client, message.id, () => true)
  const { messages } = bob.client
  await expect(messages.edit(message.id, 'yours')).rejects.toMatchObject(refused('only its author edits a message'))
  await expect(messages.delete(message.id)).rejects.toMatchObject(refused())
  await expect(messages.react(message.id, '')).rejects.toMatchObject(refused())
  await expect(messages.react('ab'.repeat(32) as MessageId, '👍')).rejects.toMatchObject({ code: 'message/unknown' })
  await expect(alice.client.messages.edit(message.id, '')).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  alice.clock.advance(24 * 3_600_000)
  await expect(alice.client.messages.edit(message.id, 'too late')).rejects.toMatchObject(
    refused('a message can be edited for a day'),
  )
  await alice.client.messages.delete(message.id, SENT)
  await expect(alice.client.messages.delete(message.id)).rejects.toMatchObject(refused('it is deleted already'))
  await expect(alice.client.messages.react(message.id, '👍')).rejects.toMatchObject(refused('it is deleted'))
  await expect(alice.client.messages.forward(message.id, chat.id)).rejects.toMatchObject(refused())
  await expect(alice.client.messages.pin(message.id)).rejects.toMatchObject(refused())
})

test('forbidden actions of a dishonest program count for nobody, and everybody is told', async () => {
  const { alice, bob, chat } = await pair()
  const message = await chat.send('untouched', SENT)
  const liked = await becomes(bob.client, message.id, () => true)
  const like = await alice.client.messages.react(message.id, '👍', SENT)
  await becomes(bob.client, liked.id, ({ reactions }) => reactions !== undefined)
  await bob.client.close()
  const crypto = host.crypto()
  await bob.store.write(async (tx) => {
    const { active } = (await tx.get<ConversationRecord>('conversations', chat.id)) as { active: string }
    const frame = () => ({
      salt: crypto.random(16),
      senderUri: senderUriOf(bob.client.address),
      roomUri: roomUriOf(fromHex(active) as Uint8Array),
    })
    for (const bytes of [
      composeEdit(message.id, { type: 'text', text: 'twisted' }, frame()),
      composeRetraction(message.id, frame()),
      composeRetraction(like.id, frame()),
      composeReaction(message.id, '\u0007', frame()),
      composeReaction(like.id, '👍', frame()),
      composeReaction('cd'.repeat(32) as MessageId, '👍', frame()),
    ])
      await putIntent(tx, { crypto, self: { isRevoked: false } } as never, active, bytes)
  })
  const voided: ClientEvent[] = []
  const events = alice.client.events({ signal: AbortSignal.timeout(120_000) })
  const told = (async () => {
    for await (const event of events) if (event.type === 'void' && voided.push(event) === 5) return
  })()
  const again = await bob.again()
  open.push(again)
  await again.connect()
  await told
  expect(voided.map((event) => (event.type === 'void' ? event.reason : ''))).toEqual([
    'only its author edits a message',
    'only its author or a moderator deletes a message',
    'a reaction is taken back by whom it is from',
    'a reaction has 1 to 64 bytes and no control characters',
    'it names no message',
  ])
  const last = await (await again.conversations.dm(alice.client.address)).send('after', SENT)
  await becomes(alice.client, last.id, () => true)
  const state = await stateOf(alice.client, message.id)
  expect(state).toMatchObject({
    content: { text: 'untouched' },
    reactions: [{ emoji: '👍', from: [alice.client.address] }],
  })
  expect(await stateOf(again, message.id)).toEqual(state)
})

test('actions are durable: queued without a connection, they go out in order after a restart', async () => {
  const { alice, bob, chat } = await pair()
  const message = await chat.send('draft', SENT)
  await becomes(bob.client, message.id, () => true)
  await alice.client.close()
  const offline = await alice.again()
  const react = await offline.messages.react(message.id, '👍')
  expect(await offline.messages.react(message.id, '👍')).toEqual(react)
  await offline.messages.unreact(message.id, '👍')
  await offline.messages.react(message.id, '🎉')
  await offline.messages.edit(message.id, 'final')
  const unsent = await offline.messages.send(chat.id, 'with an eidt')
  await offline.messages.edit(unsent.id, 'with an edit')
  expect(textOf((await offline.messages.get(message.id)) as Message)).toBe('draft')
  await offline.close()
  const online = await alice.again()
  open.push(online)
  expect(await online.messages.pending(chat.id)).toEqual([
    { ...react, type: 'react', emoji: '👍' },
    { id: expect.any(String), target: message.id, type: 'unreact', emoji: '👍' },
    { id: expect.any(String), target: message.id, type: 'react', emoji: '🎉' },
    { id: expect.any(String), target: message.id, type: 'edit', content: { type: 'text', text: 'final' } },
    { id: expect.any(String), target: unsent.id, type: 'edit', content: { type: 'text', text: 'with an edit' } },
  ])
  await online.connect()
  await becomes(bob.client, unsent.id, ({ editedAt }) => editedAt !== undefined)
  await becomes(online, unsent.id, ({ editedAt }) => editedAt !== undefined)
  expect(await online.messages.pending(chat.id)).toEqual([])
  const state = await stateOf(bob.client, message.id)
  expect(state).toMatchObject({ content: { text: 'final' }, reactions: [{ emoji: '🎉', from: [online.address] }] })
  expect(state.reactions).toHaveLength(1)
  expect(await stateOf(online, message.id)).toEqual(state)
  expect(await stateOf(online, unsent.id)).toEqual(await stateOf(bob.client, unsent.id))
})

test('a message that was never sent is dropped when it is deleted', async () => {
  const { alice, bob, chat } = await pair()
  await alice.client.close()
  const offline = await alice.again()
  const [before] = (await offline.messages.list(chat.id)).items
  const slip = await offline.messages.send(chat.id, 'a slip of the tongue', { clientId: 'slip' })
  await offline.messages.edit(slip.id, 'a slip of the pen')
  expect(await offline.messages.delete(slip.id)).toEqual({ id: slip.id, target: slip.id })
  expect(await offline.messages.get(slip.id)).toBeUndefined()
  expect((await offline.conversations.get(chat.id))?.lastMessage?.id).toBe(before?.id)
  expect(await alice.holding('a slip of')).toEqual([])
  const next = await offline.messages.send(chat.id, 'said on purpose', { clientId: 'slip' })
  await offline.close()
  const online = await alice.again()
  open.push(online)
  await online.connect()
  await becomes(bob.client, next.id, () => true)
  expect((await bob.client.messages.list(chat.id)).items.flatMap((message) => textOf(message) ?? [])).toEqual([
    'said on purpose',
    'first',
  ])
})

test('replies and forwards: a reply to an edit is a reply to the message, a copy says that it is one', async () => {
  const { alice, bob, chat, back } = await pair()
  const message = await chat.send('one', SENT)
  const edit = await alice.client.messages.edit(message.id, 'two', SENT)
  await becomes(bob.client, message.id, ({ editedAt }) => editedAt !== undefined)
  const reply = await back.send('indeed', { replyTo: edit.id, ...SENT })
  expect(reply.content).toEqual({ type: 'text', text: 'indeed', replyTo: message.id })
  const arrived = await becomes(alice.client, reply.id, () => true)
  expect(arrived.content).toEqual(reply.content)
  const copy = await alice.client.messages.forward(reply.id, chat.id, SENT)
  expect((await becomes(bob.client, copy.id, () => true)).content).toEqual({
    type: 'text',
    text: 'indeed',
    forwarded: true,
  })
  const named = `Ask ${mention(bob.client.address, 'Bob [the builder]')}`
  const asked = await chat.send({ type: 'markdown', markdown: named }, SENT)
  expect((await becomes(bob.client, asked.id, () => true)).mentions).toEqual([bob.client.address])
  await alice.client.messages.edit(asked.id, 'never mind', SENT)
  const calmed = await becomes(bob.client, asked.id, ({ editedAt }) => editedAt !== undefined)
  expect(calmed).not.toHaveProperty('mentions')
})

test('pins are for everybody and come in the order of pinning', async () => {
  const { alice, bob, chat, back } = await pair()
  const one = await chat.send('one', SENT)
  const two = await back.send('two', SENT)
  await becomes(alice.client, two.id, () => true)
  await alice.client.messages.pin(two.id)
  await alice.client.messages.pin(one.id)
  await becomes(bob.client, one.id, ({ pinned }) => pinned === true)
  const pins = async (client: Client) => (await client.messages.pinned(chat.id)).map(({ id, pinned }) => [id, pinned])
  const both = [
    [two.id, true],
    [one.id, true],
  ]
  expect(await pins(alice.client)).toEqual(both)
  expect(await pins(bob.client)).toEqual(both)
  await bob.client.messages.unpin(two.id)
  await becomes(alice.client, two.id, ({ pinned }) => pinned === undefined)
  expect(await pins(alice.client)).toEqual([[one.id, true]])
})

test('messages disappear when the timer says so, on every device and out of the store', async () => {
  const { alice, bob, chat } = await pair()
  await alice.client.conversations.setTimer(chat.id, 3_600)
  const message = await chat.send('for your eyes only', SENT)
  const expiresAt = message.expiresAt as number
  expect(expiresAt).toBe(message.at + 3_600_000)
  expect((await becomes(bob.client, message.id, () => true)).expiresAt).toBe(expiresAt)
  await bob.client.messages.react(message.id, '🤫', SENT)
  await becomes(alice.client, message.id, ({ reactions }) => reactions !== undefined)
  await alice.client.messages.edit(message.id, 'for your eyes alone', SENT)
  await becomes(bob.client, message.id, ({ editedAt }) => editedAt !== undefined)
  expect((await bob.client.messages.get(message.id))?.expiresAt).toBe(expiresAt)
  await bob.client.close()

  const events = alice.client.events({ signal: AbortSignal.timeout(120_000) })
  alice.clock.advance(3_600_000)
  for await (const event of events) {
    if (event.type !== 'expired') continue
    expect(event).toEqual({ type: 'expired', conversation: chat.id, messages: [message.id] })
    break
  }
  expect(await alice.client.messages.get(message.id)).toBeUndefined()
  expect(await alice.holding('for your eyes')).toEqual([])
  expect(await alice.holding('🤫')).toEqual([])
  expect((await alice.client.conversations.get(chat.id))?.lastMessage?.preview).not.toContain('eyes')

  // Who was off meanwhile never shows it again: it is gone before the client is there.
  expect(await bob.holding('for your eyes')).not.toEqual([])
  bob.clock.advance(3_600_000)
  const back = await bob.again()
  open.push(back)
  expect(await back.messages.get(message.id)).toBeUndefined()
  expect(await bob.holding('for your eyes')).toEqual([])
  expect(await back.conversations.get(chat.id)).toMatchObject({ unread: 1 })
  const stays = (await back.messages.list(chat.id)).items.map(({ content }) => content.type)
  expect(stays).toEqual(['notice', 'text'])
})

test('an edit that waits while its message is deleted is dropped, with its words, and says why', async () => {
  const [owner, bea] = await Promise.all([join(), join()])
  const chat = await group([owner, bea])
  const message = await bea.client.messages.send(chat.id, 'said', SENT)
  await becomes(owner.client, message.id, () => true)
  await bea.client.close()
  const offline = await bea.again()
  open.push(offline)
  const edit = offline.messages.edit(message.id, 'said better', SENT).catch((error: unknown) => error)
  await becomesQueued(bea)
  await owner.client.messages.delete(message.id, SENT)
  await offline.connect()
  expect(await edit).toMatchObject(refused('it is deleted'))
  expect(await offline.messages.get(message.id)).toMatchObject({ content: { type: 'deleted' } })
  for (const { holding } of [owner, bea]) expect(await holding('said')).toEqual([])
})

test('what one device wrote or did, another device of the same person may change', async () => {
  const bob = await person(relay)
  const first = bob.client
  open.push(first)
  await first.connect()
  const { client: alice } = await join()
  const chat = await alice.conversations.dm(first.address)
  await chat.send('hello', { wait: 'delivered', timeout: 90_000 })
  const second = await restored(restoreIdentity(bob.phrase), relay)
  open.push(second)
  await second.connect()
  for await (const { state } of second.conversations.stream({ signal: AbortSignal.timeout(120_000) }))
    if (state === 'open') break
  const own = await first.messages.send(chat.id, 'from the frist', SENT)
  await becomes(second, own.id, () => true)
  await second.messages.edit(own.id, 'from the first', SENT)
  const hers = await chat.send('well?', SENT)
  for (const client of [first, second]) await becomes(client, hers.id, () => true)
  const reaction = await first.messages.react(hers.id, '👍', SENT)
  await becomes(second, hers.id, ({ reactions }) => reactions !== undefined)
  // The same person has reacted already, on whichever device.
  expect(await second.messages.react(hers.id, '👍', SENT)).toEqual(reaction)
  await second.messages.unreact(hers.id, '👍', SENT)
  await becomes(first, hers.id, ({ reactions }) => reactions === undefined)
  for (const client of [alice, first])
    expect(textOf(await becomes(client, own.id, ({ editedAt }) => editedAt !== undefined))).toBe('from the first')
  await second.messages.delete(own.id, SENT)
  for (const client of [alice, first]) await becomes(client, own.id, ({ content }) => content.type === 'deleted')
  const states = await Promise.all([alice, first, second].map((client) => stateOf(client, own.id)))
  expect(states[1]).toEqual(states[0])
  expect(states[2]).toEqual(states[0])
})

test('what is done to a message that cannot be sent fails with it', async () => {
  const { client } = await member(relay)
  open.push(client)
  const chat = await client.conversations.dm(stranger())
  const problems: string[] = []
  const events = client.events({ signal: AbortSignal.timeout(120_000) })
  const told = (async () => {
    for await (const event of events)
      if (event.type === 'problem' && event.message.includes('(edit)') && problems.push(event.code) > 0) return
  })()
  const message = await chat.send('anybody there?')
  const edit = client.messages.edit(message.id, 'is anybody there?', SENT)
  const failure = edit.catch((error: unknown) => error)
  await client.connect()
  expect(await failure).toMatchObject({ code: 'transport/rejected' })
  await told
  expect(problems).toEqual(['identity/unknown-peer'])
  await becomes(client, message.id, ({ state }) => state === 'failed')
  await expect(client.messages.react(message.id, '👍')).rejects.toMatchObject(refused('it could not be sent'))
  await client.messages.delete(message.id)
  expect((await client.messages.list(chat.id)).items).toEqual([])
})

test('in a group roles decide about deletions, and receipts are known of each person', async () => {
  const [owner, bea, cid] = await Promise.all([join(), join(), join()])
  const chat = await group([owner, bea, cid])
  const message = await bea.client.messages.send(chat.id, 'to all', SENT)
  for (const { client } of [owner, cid]) await becomes(client, message.id, () => true)
  await expect(cid.client.messages.delete(message.id)).rejects.toMatchObject(refused())
  const delivered = await becomes(bea.client, message.id, ({ state }) => state === 'delivered')
  expect([...(delivered.receipts?.delivered ?? [])].sort()).toEqual([owner.client.address, cid.client.address].sort())
  await owner.client.conversations.markRead(chat.id)
  const half = await becomes(bea.client, message.id, ({ receipts }) => receipts?.read.length === 1)
  expect(half).toMatchObject({ state: 'delivered', receipts: { read: [owner.client.address] } })
  await cid.client.conversations.markRead(chat.id)
  await becomes(bea.client, message.id, ({ state }) => state === 'read')

  await owner.client.messages.delete(message.id, SENT)
  for (const { client } of [bea, cid])
    expect(await becomes(client, message.id, ({ content }) => content.type === 'deleted')).toMatchObject({
      content: { type: 'deleted', by: owner.client.address },
    })
  const states = await Promise.all([owner, bea, cid].map(({ client }) => stateOf(client, message.id)))
  expect(states[1]).toEqual(states[0])
  expect(states[2]).toEqual(states[0])
})
