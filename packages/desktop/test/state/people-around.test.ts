import { startTestRelay, type TestRelay } from '@dchat/relay/testing'
import type { Client } from '@dchat/sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ChosenPeople, isInvite } from '../../src/renderer/state/chosen-people.svelte.ts'
import { Group } from '../../src/renderer/state/group.svelte.ts'
import { Presence } from '../../src/renderer/state/presence.svelte.ts'
import { Requests } from '../../src/renderer/state/requests.svelte.ts'
import { person, until } from './people.ts'

let relay: TestRelay
let ann: Client
let bob: Client
let carla: Client
const over = new AbortController()
const failures: unknown[] = []
const failed = (error: unknown): void => {
  failures.push(error)
}

beforeAll(async () => {
  relay = await startTestRelay()
  ;[ann, bob, carla] = await Promise.all([person(relay, { strangers: 'ask' }), person(relay), person(relay)])
})
afterAll(async () => {
  over.abort()
  await Promise.all([ann.close(), bob.close(), carla.close()])
  await relay.close()
  expect(failures).toEqual([])
})

test('a stranger waits until this person answers, and is gone from the list then', async () => {
  const requests = new Requests(ann, over.signal, failed)
  await bob.profiles.set({ name: 'Bob' })
  await (await bob.conversations.dm(ann.address)).send('hello')
  await (await carla.conversations.dm(ann.address)).send('hello')
  await until(() => requests.strangers.length === 2)
  expect(requests.strangers.find(({ from }) => from === bob.address)).toMatchObject({ profile: { name: 'Bob' } })
  const answering = requests.answer(bob.address, 'allow')
  expect(requests.isBusy(bob.address)).toBe(true)
  expect(await answering).toBe(true)
  expect(requests.strangers.map(({ from }) => from)).toEqual([carla.address])
  await requests.answer(carla.address, 'deny')
  expect(requests.count).toBe(0)
})

test('a group that asks this person in is entered or declined', async () => {
  const requests = new Requests(ann, over.signal, failed)
  const chat = await bob.groups.create({ name: 'Harvest', people: [ann.address] })
  await until(() => requests.invitations.length === 1)
  expect(requests.invitations[0]).toMatchObject({ name: 'Harvest', people: 2, from: bob.address })
  const { conversation } = requests.invitations[0] as { conversation: typeof chat.id }
  expect(await requests.accept(conversation)).toBe(true)
  expect(requests.count).toBe(0)
  expect((await ann.conversations.get(conversation))?.state).toBe('open')
})

test('whoever looks at a group sees what others change', async () => {
  const chat = await bob.groups.create({ name: 'Orchard' })
  const group = new Group(bob, chat.id, failed)
  expect(group.info).toBeUndefined()
  await chat.send('open', { wait: 'sent' })
  await group.refresh()
  expect([group.manages, group.info?.members.length]).toEqual([true, 1])
  expect(await group.add([carla.address])).toBe(true)
  expect(group.info?.members).toMatchObject([{ role: 'owner' }, { state: 'invited' }])
  expect(await group.setRole(carla.address, 'admin')).toBe(true)
  await until(() => group.info?.members.some(({ role }) => role === 'admin') === true)

  await carla.sync()
  const [invitation] = await carla.groups.invitations()
  const carlasChat = await carla.groups.accept((invitation as { conversation: typeof chat.id }).conversation)
  const carlasGroup = new Group(carla, carlasChat.id, failed)
  await carlasGroup.rename('Late orchard')
  await until(() => group.info?.name === 'Late orchard')
  await until(() => group.info?.members.every(({ state }) => state === 'joined') === true)
  expect(await group.remove(carla.address)).toBe(true)
  expect(group.info?.members).toHaveLength(1)
  expect(await group.leave()).toBe(true)
  group.close()
  carlasGroup.close()
})

test('typing is seen, and over with the message; presence is told while the window is looked at', async () => {
  const [annsView, bobsView] = [new Presence(ann, over.signal, failed), new Presence(bob, over.signal, failed)]
  const chat = await ann.conversations.dm(bob.address)
  await chat.send('there?', { wait: 'delivered' })
  const bobsChat = await bob.conversations.dm(ann.address)
  await until(() => bobsView.of(ann.address)?.online === true)
  await ann.presence.typing(chat.id)
  await until(() => bobsView.typists(bobsChat.id).includes(ann.address))
  await chat.send('here')
  await until(() => bobsView.typists(bobsChat.id).length === 0)
  annsView.setVisible(false)
  await until(() => bobsView.of(ann.address)?.online === false)
  expect(bobsView.of(ann.address)?.lastSeen).toBeGreaterThan(0)
  bobsView.setVisible(false)
})

test('people are chosen from the contacts, or brought in by an invite', async () => {
  const people = new ChosenPeople(ann, failed)
  await until(() => people.found('bob').length === 1)
  expect(people.found('', [bob.address])).toEqual([])
  expect([isInvite(carla.invite()), isInvite(carla.address), isInvite('carla')]).toEqual([true, true, false])
  expect(await people.bring(carla.invite())).toBe(true)
  expect(people.chosen.map(({ key }) => key)).toEqual([carla.address])
  people.toggle(people.chosen[0] as (typeof people.chosen)[number])
  expect(people.chosen).toEqual([])
})
