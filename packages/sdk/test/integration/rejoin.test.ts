import { expect, test } from 'vitest'
import type { ConversationId } from '../../src/index.ts'
import type { EntryUpload } from '../../src/protocol/wire/methods.ts'
import { wrongBind } from '../../src/testing/hostile/commits.ts'
import { type HostileMember, publishAs } from '../../src/testing/hostile/member.ts'
import { corruptedPath, evilPathKeys } from '../../src/testing/hostile/paths.ts'
import { toHex } from '../../src/util/bytes.ts'
import { device, eventually, fastClock, groupOf, type Member, said, seen, stage } from './group-support.ts'

const at = stage()
const world = (count: number, factor: number) => at.people(count, { clock: fastClock(factor) })

/** Takes the last member's device over, lets it publish an entry, and tells the epoch in which it did. */
const attack = async (
  group: readonly Member[],
  entry: (hostile: HostileMember) => Promise<EntryUpload>,
): Promise<number> => {
  const last = group.at(-1) as Member
  await last.client.close()
  const hostile = await last.state()
  await publishAs(hostile, at.link, await entry(hostile))
  return hostile.group.epoch
}

/** All of them stand in the same topic and epoch, in this term, and not before this epoch. */
const united = (group: readonly Member[], term: number, from: number): Promise<void> =>
  eventually(async () => {
    const states = await Promise.all(group.map(({ state }) => state()))
    const places = states.map(({ room, group: { epoch, authenticator } }) =>
      [toHex(room.topic), room.state, room.term, room.pending === undefined, epoch, toHex(authenticator)].join(),
    )
    const isThere = ({ room, group: { epoch } }: HostileMember) => room.term === term && epoch >= from
    return new Set(places).size === 1 && states.every((state) => isThere(state) && state.room.state === 'open')
  })

const leafOf = ({ group }: HostileMember, { client }: Member): number =>
  group.members.find(({ address }) => address === client.address)?.leaf ?? -1

/** Each says something, everybody reads each exactly once. */
const converse = async (group: readonly Member[], id: ConversationId, about: string): Promise<void> => {
  const texts = group.map((_, index) => `${about} ${index}`)
  await Promise.all(group.map(({ client }, index) => client.messages.send(id, texts[index] as string)))
  for (const { client } of group) {
    const all = await said(client, id, texts)
    for (const text of texts) expect(all.filter((other) => other === text)).toHaveLength(1)
  }
}

test('one whose path was spoiled asks, replaces its leaf in the same topic, and misses nothing that it could read', async () => {
  const group = await world(4, 10)
  const [alice, bob, carol] = group as [Member, Member, Member]
  const id = await groupOf(group)
  const honest = group.slice(0, 3)
  const epoch = await attack(group, (hostile) => corruptedPath(hostile, [leafOf(hostile, bob)]))
  await bob.client.messages.send(id, 'said while out')
  await united(honest, 1, epoch + 2)
  await said(alice.client, id, ['said while out'])
  await converse(honest, id, 'afterwards')
  expect(await said(carol.client, id, ['said while out'])).toContain('said while out')
  expect((await bob.state()).group.members).toHaveLength(4)
})

test('two whose paths were spoiled come back one after the other, though most of the group is away', async () => {
  const group = await world(5, 10)
  const [alice, bob, carol, dave] = group as [Member, Member, Member, Member]
  const id = await groupOf(group)
  await alice.client.close()
  const victims = [bob, carol]
  const epoch = await attack(group, (hostile) =>
    corruptedPath(
      hostile,
      victims.map((victim) => leafOf(hostile, victim)),
    ),
  )
  const online = [bob, carol, dave]
  await united(online, 1, epoch + 3)
  await converse(online, id, 'without the owner')
  await (await alice.reopen()).connect()
  await united([alice, ...online], 1, epoch + 3)
  await converse([alice, ...online], id, 'all')
})

test('where nobody can follow, those who failed end the topic: the evil committer is out', async () => {
  const group = await world(4, 30)
  const id = await groupOf(group)
  const [alice, bob, carol, mallory] = group as [Member, Member, Member, Member]
  const honest = [alice, bob, carol]
  const epoch = await attack(group, evilPathKeys)
  await seen(bob.client, ({ state }) => state === 'rejoining')
  await converse(honest, id, 'meanwhile')
  await united(honest, 2, epoch + 1)
  const { people } = (await alice.state()).snapshot
  expect(people.map(({ address }) => address)).not.toContain(mallory.client.address)
  await converse(honest, id, 'afterwards')
})

test('a device that has the phrase alone, and so no leaf, is added to a group that has moved to another topic', async () => {
  const group = await world(3, 10)
  const [alice, bob] = group as [Member, Member, Member]
  const id = await groupOf(group)
  const epoch = await attack(group, wrongBind)
  await united([alice, bob], 2, epoch + 1)
  const second = await at.take(device(bob, { url: at.relay.url, clock: fastClock(10) }))
  await second.client.connect()
  await seen(second.client, (conversation) => conversation.id === id && conversation.state === 'open')
  await converse([alice, bob, second], id, 'from all devices')
  await united([alice, bob, second], 2, epoch + 2)
})
