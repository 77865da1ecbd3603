import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Client, isDchatError, parseRelayUrl, restoreIdentity } from '../../src/index.ts'
import { eventually, said, seen } from './group-support.ts'
import type { TestRelay } from './host/host.ts'
import { type Person, person, reopen, restored, stranger, testRelay } from './support.ts'

let relay: TestRelay
const clients: Client[] = []

beforeEach(async () => {
  relay = await testRelay()
})
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()))
  await relay.close()
})

const join = async (): Promise<Person> => {
  const made = await person(relay)
  clients.push(made.client)
  await made.client.connect()
  return made
}

/** Another device of a person, that has nothing but the phrase. */
const secondDevice = async ({ phrase }: Person): Promise<Client> => {
  const client = await restored(restoreIdentity(phrase), relay)
  clients.push(client)
  await client.connect()
  return client
}

const invited = (client: Client) => seen(client, ({ state }) => state === 'invited')
const ended = (client: Client) => seen(client, ({ state }) => state === 'closed')
const codeOf = (work: Promise<unknown>): Promise<string | undefined> =>
  work.then(
    () => undefined,
    (error: unknown) => (isDchatError(error) ? error.code : String(error)),
  )
const names = async (client: Client, id: Parameters<Client['groups']['info']>[0]) =>
  (await client.groups.info(id)).members.map(({ address }) => address).sort()

test('an answer given on one device is given for the person: both devices come in', async () => {
  const alice = await join()
  const bob = await join()
  const bob2 = await secondDevice(bob)
  const chat = await alice.client.groups.create({ name: 'Two devices', people: [bob.client.address] })
  await invited(bob.client)
  await bob.client.groups.accept(chat.id)
  await seen(bob2, ({ state }) => state === 'open')
  expect(await bob2.groups.invitations()).toEqual([])
  await alice.client.messages.send(chat.id, 'hello', { wait: 'sent' })
  await said(bob.client, chat.id, ['hello'])
  await said(bob2, chat.id, ['hello'])
  const info = await alice.client.groups.info(chat.id)
  expect(info.members.find(({ address }) => address === bob.client.address)?.devices).toHaveLength(2)
  // And a goodbye on the other one takes both out.
  await bob2.groups.leave(chat.id)
  await bob2.groups.leave(chat.id)
  await Promise.all([ended(bob.client), ended(bob2)])
  await eventually(async () => (await names(alice.client, chat.id)).join() === alice.client.address)
})

test('who declines on one device is asked on none, and may be asked again', async () => {
  const alice = await join()
  const bob = await join()
  const bob2 = await secondDevice(bob)
  const chat = await alice.client.groups.create({ name: 'No', people: [bob.client.address] })
  await invited(bob2)
  await bob2.groups.decline(chat.id)
  await eventually(async () => (await names(alice.client, chat.id)).length === 1)
  for (const client of [bob.client, bob2]) {
    await eventually(async () => (await client.groups.invitations()).length === 0)
    expect((await client.conversations.list()).items).toEqual([])
  }
  await alice.client.groups.add(chat.id, [bob.client.address])
  await invited(bob2)
  await bob2.groups.accept(chat.id)
  await seen(bob.client, ({ state }) => state === 'open')
  expect(await names(alice.client, chat.id)).toHaveLength(2)
})

test('who left or was taken out is asked again, reads on from there, and an old goodbye does not count', async () => {
  const alice = await join()
  const bob = await join()
  const chat = await alice.client.groups.create({ name: 'Again', people: [bob.client.address] })
  await invited(bob.client)
  await bob.client.groups.accept(chat.id)
  await bob.client.groups.leave(chat.id)
  await ended(bob.client)
  expect(await codeOf(bob.client.messages.send(chat.id, 'still here'))).toBe('conversation/not-member')
  await alice.client.groups.add(chat.id, [bob.client.address])
  await invited(bob.client)
  expect(await bob.client.groups.invitations()).toMatchObject([{ conversation: chat.id }])
  await bob.client.groups.accept(chat.id)
  await alice.client.messages.send(chat.id, 'welcome back', { wait: 'sent' })
  await said(bob.client, chat.id, ['welcome back'])
  await alice.client.groups.remove(chat.id, [bob.client.address])
  await ended(bob.client)
  await alice.client.groups.add(chat.id, [bob.client.address])
  await invited(bob.client)
  await bob.client.groups.accept(chat.id)
  expect(await names(alice.client, chat.id)).toHaveLength(2)
})

test('an invitation that was taken back before its answer leads nowhere', async () => {
  const alice = await join()
  const bob = await join()
  const carol = await join()
  const people = [bob.client.address, carol.client.address]
  const chat = await alice.client.groups.create({ name: 'Back', people })
  await Promise.all([invited(bob.client), invited(carol.client)])
  await alice.client.groups.remove(chat.id, people)
  expect(await codeOf(bob.client.groups.accept(chat.id))).toBe('conversation/not-member')
  expect((await bob.client.conversations.get(chat.id))?.state).toBe('closed')
  await carol.client.groups.decline(chat.id)
  await eventually(async () => (await carol.client.conversations.list()).items.length === 0)
})

test('the last owner may go, two may go at once, and the last of all takes the group along', async () => {
  const alice = await join()
  const bob = await join()
  const chat = await alice.client.groups.create({ name: 'End', people: [bob.client.address] })
  await invited(bob.client)
  await bob.client.groups.accept(chat.id)
  expect(await codeOf(alice.client.groups.remove(chat.id, [alice.client.address]))).toBe('conversation/not-permitted')
  expect(await codeOf(alice.client.groups.setRole(chat.id, alice.client.address, 'member'))).toBe(
    'conversation/not-permitted',
  )
  await Promise.all([alice.client.groups.leave(chat.id), bob.client.groups.leave(chat.id)])
  await Promise.all([ended(alice.client), ended(bob.client)])
})

test('a goodbye said offline is kept, and the owner’s role passes on', async () => {
  const alice = await join()
  const bob = await join()
  const chat = await alice.client.groups.create({ name: 'Heir', people: [bob.client.address] })
  await invited(bob.client)
  await bob.client.groups.accept(chat.id)
  await alice.client.close()
  const offline = await reopen(alice)
  clients.push(offline)
  await offline.groups.leave(chat.id)
  expect((await offline.conversations.get(chat.id))?.state).toBe('leaving')
  expect(await codeOf(offline.messages.send(chat.id, 'one more'))).toBe('conversation/not-member')
  await offline.connect()
  await ended(offline)
  await eventually(async () => (await bob.client.groups.info(chat.id)).role === 'owner')
})

test('somebody whom nobody knows keeps nobody out, and adding twice changes nothing', async () => {
  const alice = await join()
  const bob = await join()
  const problems = alice.client.events({ signal: AbortSignal.timeout(120_000) })
  const people = [stranger(), bob.client.address]
  const chat = await alice.client.groups.create({ name: 'Some', people })
  for await (const event of problems) if (event.type === 'problem' && event.code === 'identity/unknown-peer') break
  await invited(bob.client)
  expect(await codeOf(alice.client.groups.add(chat.id, [stranger()]))).toBe('identity/unknown-peer')
  const { epoch } = await alice.client.groups.info(chat.id)
  await alice.client.groups.add(chat.id, [bob.client.address, bob.client.address])
  expect((await alice.client.groups.info(chat.id)).epoch).toBe(epoch)
})

test('a group that never opened can be dropped', async () => {
  const bob = await join()
  const { client } = await person(relay)
  clients.push(client)
  const chat = await client.groups.create({ name: 'Never', people: [bob.client.address] })
  expect((await client.conversations.get(chat.id))?.state).toBe('opening')
  await client.groups.leave(chat.id)
  expect((await client.conversations.get(chat.id))?.state).toBe('closed')
  await client.connect()
  expect((await client.conversations.get(chat.id))?.state).toBe('closed')
  expect(await bob.client.groups.invitations()).toEqual([])
})

test('the phrase alone brings the owner back into a group, and not into one that was left', async () => {
  const alice = await join()
  const bob = await join()
  const kept = await alice.client.groups.create({ name: 'Kept', people: [bob.client.address] })
  await invited(bob.client)
  await bob.client.groups.accept(kept.id)
  const left = await alice.client.groups.create({ name: 'Left', people: [bob.client.address] })
  await seen(bob.client, ({ id, state }) => id === left.id && state === 'invited')
  await bob.client.groups.accept(left.id)
  await alice.client.groups.leave(left.id)
  await seen(alice.client, ({ id, state }) => id === left.id && state === 'closed')
  await alice.client.close()
  const again = await secondDevice(alice)
  await seen(again, ({ id, state }) => id === kept.id && state === 'open')
  expect(await again.conversations.get(left.id)).toBeUndefined()
  await bob.client.messages.send(kept.id, 'you are back', { wait: 'sent' })
  await said(again, kept.id, ['you are back'])
  expect((await again.groups.info(kept.id)).role).toBe('owner')
})

test('people of different home relays meet at the hub of whoever opened the group', async () => {
  await using other = await testRelay()
  const alice = await join()
  const far = await person(other)
  clients.push(far.client)
  await far.client.connect()
  await alice.client.contacts.add(far.client.invite())
  const chat = await alice.client.groups.create({ name: 'Far', people: [far.client.address] })
  await invited(far.client)
  await far.client.groups.accept(chat.id)
  await far.client.messages.send(chat.id, 'from afar', { wait: 'sent' })
  await said(alice.client, chat.id, ['from afar'])
  expect(far.client.relays()).toEqual([parseRelayUrl(other.url)])
})

test('changes that race all stand, whoever wins first', async () => {
  const alice = await join()
  const bob = await join()
  const carol = await join()
  const chat = await alice.client.groups.create({ name: 'Race', people: [bob.client.address] })
  await invited(bob.client)
  await bob.client.groups.accept(chat.id)
  await alice.client.groups.setRole(chat.id, bob.client.address, 'admin')
  await bob.client.sync()
  await Promise.all([
    alice.client.groups.rename(chat.id, 'By alice'),
    bob.client.groups.rename(chat.id, 'By bob'),
    bob.client.groups.add(chat.id, [carol.client.address]),
    alice.client.groups.add(chat.id, [carol.client.address]),
    bob.client.conversations.setTimer(chat.id, 3_600),
  ])
  await Promise.all([alice.client.sync(), bob.client.sync()])
  const [a, b] = await Promise.all([alice.client.groups.info(chat.id), bob.client.groups.info(chat.id)])
  expect(a.name).toBe(b.name)
  expect(a.epoch).toBe(b.epoch)
  expect(a.timer).toBe(3_600)
  expect(a.members.map(({ address }) => address)).toContain(carol.client.address)
})
