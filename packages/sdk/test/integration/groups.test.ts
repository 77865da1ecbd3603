import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Client, Conversation, ConversationId, Message } from '../../src/index.ts'
import { isDchatError } from '../../src/index.ts'
import { seen } from './group-support.ts'
import type { TestRelay } from './host/host.ts'
import { person, testRelay } from './support.ts'

let relay: TestRelay
const clients: Client[] = []

beforeEach(async () => {
  relay = await testRelay()
})

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  await relay.close()
})

const join = async (): Promise<Client> => {
  const { client } = await person(relay)
  clients.push(client)
  await client.connect()
  return client
}

const invited = (client: Client): Promise<Conversation> => seen(client, ({ state }) => state === 'invited')

/** What people said, in the conversation's order. */
const said = async (client: Client, id: ConversationId): Promise<readonly string[]> => {
  const { items } = await client.messages.list(id, { limit: 1_000 })
  return items.flatMap(({ content }) => (content.type === 'text' ? [content.text] : [])).reverse()
}

const until = async (client: Client, id: ConversationId, count: number): Promise<readonly string[]> => {
  for await (const _ of client.conversations.stream({ signal: AbortSignal.timeout(120_000) })) {
    const texts = await said(client, id)
    if (texts.length >= count) return texts
  }
  throw new Error('the stream ended')
}

const notices = async (client: Client, id: ConversationId): Promise<readonly string[]> => {
  const { items } = await client.messages.list(id, { limit: 1_000 })
  return items.flatMap(({ content }: Message) => (content.type === 'notice' ? [content.notice.kind] : [])).reverse()
}

test('a group opens, asks people in, and everybody reads the same', async () => {
  const [alice, bob, carol] = await Promise.all([join(), join(), join()])
  const chat = await alice.groups.create({ name: 'Harvest', people: [bob.address, carol.address] })
  for (const client of [bob, carol]) {
    const invitation = await invited(client)
    expect(invitation).toMatchObject({ kind: 'group', title: 'Harvest', id: chat.id })
    expect(await client.groups.invitations()).toMatchObject([{ from: alice.address, name: 'Harvest', people: 3 }])
    await client.groups.accept(chat.id)
  }
  await alice.messages.send(chat.id, 'one', { wait: 'sent' })
  await bob.messages.send(chat.id, 'two', { wait: 'sent' })
  await carol.messages.send(chat.id, 'three', { wait: 'sent' })
  for (const client of [alice, bob, carol]) expect(await until(client, chat.id, 3)).toEqual(['one', 'two', 'three'])
  // Carol knows of bob, who came before her, what alice knew.
  for (const client of [alice, carol])
    expect((await client.groups.info(chat.id)).members.map(({ role, state }) => `${role} ${state}`)).toEqual([
      'owner joined',
      'member joined',
      'member joined',
    ])
})

test('roles decide who may change the group', async () => {
  const [alice, bob, carol] = await Promise.all([join(), join(), join()])
  const chat = await alice.groups.create({ name: 'Old', people: [bob.address] })
  await invited(bob)
  await bob.groups.accept(chat.id)
  for (const refused of [
    () => bob.groups.rename(chat.id, 'New'),
    () => bob.groups.add(chat.id, [carol.address]),
    () => bob.groups.remove(chat.id, [alice.address]),
    () => bob.groups.setRole(chat.id, bob.address, 'owner'),
    () => bob.conversations.setTimer(chat.id, 60),
  ]) {
    const error = await refused().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(isDchatError(error, 'conversation/not-permitted')).toBe(true)
  }
  await alice.groups.setRole(chat.id, bob.address, 'admin')
  await seen(bob, ({ id }) => id === chat.id)
  await bob.sync()
  await bob.groups.rename(chat.id, 'New')
  await bob.groups.add(chat.id, [carol.address])
  await invited(carol)
  await carol.groups.accept(chat.id)
  expect((await carol.groups.info(chat.id)).name).toBe('New')
  await alice.sync()
  expect(await notices(alice, chat.id)).toEqual(['added', 'role', 'renamed', 'added'])
  expect((await alice.conversations.get(chat.id))?.title).toBe('New')
})

test('who is removed is out at once, who leaves is let go, who declines never appears', async () => {
  const [alice, bob, carol, dave] = await Promise.all([join(), join(), join(), join()])
  const people = [bob, carol, dave].map(({ address }) => address)
  const chat = await alice.groups.create({ name: 'Many', people })
  for (const client of [bob, carol, dave]) await invited(client)
  await bob.groups.accept(chat.id)
  await carol.groups.accept(chat.id)
  await dave.groups.decline(chat.id)
  await seen(alice, () => true)
  await alice.groups.remove(chat.id, [bob.address])
  await seen(bob, ({ state }) => state === 'closed')
  const refused = await bob.messages.send(chat.id, 'I am still here').then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(isDchatError(refused, 'conversation/not-member')).toBe(true)
  await carol.groups.leave(chat.id)
  await seen(carol, ({ state }) => state === 'closed')
  await alice.messages.send(chat.id, 'alone', { wait: 'sent' })
  while ((await alice.groups.info(chat.id)).members.length > 1) await alice.sync()
  expect(await said(bob, chat.id)).toEqual([])
  expect(await said(carol, chat.id)).toEqual([])
  expect((await dave.conversations.list()).items).toEqual([])
})
