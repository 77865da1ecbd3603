import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Chat, type Client, mention, type SearchQuery } from '../../src/index.ts'
import type { TestRelay } from './host/host.ts'
import { becomes, type Member, member } from './life-support.ts'
import { testRelay } from './support.ts'

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

const join = async (): Promise<Member> => {
  const one = await member(relay)
  open.push(one.client)
  await one.client.connect()
  return one
}

/** Two people who have written to each other. */
const pair = async (): Promise<{ alice: Member; bob: Member; chat: Chat; back: Chat }> => {
  const bob = await join()
  const alice = await join()
  const chat = await alice.client.conversations.dm(bob.client.address)
  const first = await chat.send('The very first words', SENT)
  await becomes(bob.client, first.id, () => true)
  return { alice, bob, chat, back: await bob.client.conversations.dm(alice.client.address) }
}

const found = async (client: Client, query: string | SearchQuery): Promise<string[]> => {
  const { hits, complete } = await client.search.messages(typeof query === 'string' ? { text: query } : query)
  expect(complete).toBe(true)
  return hits.map(({ excerpt }) => excerpt)
}

test('what arrives, is edited and deleted is found as it is, by both, and after a restart', async () => {
  const { alice, bob, chat, back } = await pair()
  await alice.client.search.ready()
  await bob.client.search.ready()
  expect(await found(alice.client, 'FIRST')).toEqual(['The very first words'])
  const plan = await chat.send('Meet at the Café de la Gare', SENT)
  await becomes(bob.client, plan.id, () => true)
  const markdown = `**Bring** ${mention(bob.client.address, 'Bob')} 今天天气很好`
  const reply = await back.send({ type: 'markdown', markdown }, SENT)
  await becomes(alice.client, reply.id, () => true)
  for (const { client } of [alice, bob]) {
    expect(await found(client, 'cafe')).toEqual(['Meet at the Café de la Gare'])
    expect(await found(client, '"cafe de" ga')).toHaveLength(1)
    expect(await found(client, '"cafe la"')).toEqual([])
    expect(await found(client, '天气 bring')).toEqual(['Bring @Bob 今天天气很好'])
    expect(await found(client, 'dchat1')).toEqual([])
    expect(await found(client, { text: 'bring', from: alice.client.address })).toEqual([])
    expect(await found(client, { text: '', conversation: chat.id, after: plan.at, before: reply.at + 1 })).toHaveLength(
      2,
    )
  }
  await alice.client.messages.edit(plan.id, 'Meet at the harbour', SENT)
  await becomes(bob.client, plan.id, ({ editedAt }) => editedAt !== undefined)
  for (const { client } of [alice, bob]) {
    expect(await found(client, 'gare')).toEqual([])
    expect(await found(client, 'harb')).toEqual(['Meet at the harbour'])
  }
  await bob.client.close()
  const again = await bob.again()
  open.push(again)
  await again.search.ready()
  expect(await found(again, 'harbour')).toEqual(['Meet at the harbour'])
  await again.connect()
  await alice.client.messages.delete(plan.id, SENT)
  await becomes(again, plan.id, ({ content }) => content.type === 'deleted')
  expect(await found(again, 'harbour')).toEqual([])
  expect(await bob.holding('harbour')).toEqual([])
  expect(await bob.holding('very first words')).not.toEqual([])
})

test('what waits to be sent is found, and once when it was sent', async () => {
  const { alice, chat } = await pair()
  await alice.client.close()
  const offline = await alice.again()
  open.push(offline)
  await offline.messages.send(chat.id, 'written on the train')
  await offline.search.ready()
  expect(await found(offline, 'train')).toEqual(['written on the train'])
  await offline.connect()
  await offline.sync()
  const { hits } = await offline.search.messages({ text: 'train' })
  expect(hits).toHaveLength(1)
  const [hit] = hits
  expect((await offline.messages.get(hit?.message as never))?.position).toBeDefined()
})

test('what disappeared is found no more, and no word of it is left', async () => {
  const { alice, bob, chat } = await pair()
  await alice.client.conversations.setTimer(chat.id, 60)
  const brief = await chat.send('ephemeral zephyr', SENT)
  await becomes(bob.client, brief.id, () => true)
  await bob.client.search.ready()
  expect(await found(bob.client, 'zephyr')).toEqual(['ephemeral zephyr'])
  bob.clock.advance(30_000)
  const gone = (async () => {
    for await (const event of bob.client.events({ signal: AbortSignal.timeout(120_000) }))
      if (event.type === 'expired') return
  })()
  bob.clock.advance(60_000)
  await gone
  expect(await found(bob.client, 'zephyr')).toEqual([])
  expect(await bob.holding('zephyr')).toEqual([])
})

test('people are found by nickname, own name and address; the blocked say nothing', async () => {
  const { alice, bob, back } = await pair()
  const { address } = bob.client
  const said = await back.send('cinnamon', SENT)
  await becomes(alice.client, said.id, () => true)
  const titles = async (text: string) => (await alice.client.search.people(text)).map(({ title }) => title)
  expect((await alice.client.search.people(address.slice(0, 12)))[0]?.address).toBe(address)
  await alice.client.contacts.add(address, { name: 'Bóbby Tables' })
  expect(await titles('bob')).toEqual(['Bóbby Tables'])
  expect(await titles('tab BOB')).toEqual(['Bóbby Tables'])
  expect(await titles('ables')).toEqual([])
  await bob.client.profiles.set({ name: 'Robert' })
  const more = await back.send('and more cinnamon', SENT)
  await becomes(alice.client, more.id, () => true)
  expect(await titles('rober')).toEqual(['Bóbby Tables'])
  expect(await found(alice.client, 'cinnamon')).toHaveLength(2)
  await alice.client.contacts.block(address)
  expect(await found(alice.client, 'cinnamon')).toEqual([])
  await alice.client.contacts.unblock(address)
  expect(await found(alice.client, 'cinnamon')).toHaveLength(2)
})
