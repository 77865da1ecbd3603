import { expect, test } from 'vitest'
import type { JobRecord } from '../../src/client/records.ts'
import type { SimPerson, SimRelay } from '../../src/testing/sim/types.ts'
import { acquainted, agree, type Company, isAt, say } from './hubs-support.ts'

type Four = [SimPerson, SimPerson, SimPerson, SimPerson]
type Three = [SimRelay, SimRelay, SimRelay]

const LONG = 15 * 60_000

/** Four people at three relays who all have read the same. */
const four = (what: string): Promise<Company> => acquainted(what, ['ann', 'ben', 'cid', 'dan'], ['one', 'two', 'three'])

test('whoever went elsewhere while others moved twice by choice comes to them, and not only the one who led', async () => {
  const group = await four('moved twice')
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan] = people as Four
  const [one, two, three] = relays as Three
  for (const device of ['cid/1', 'dan/1']) sim.network.partition({ device, relay: 'one' })
  await sim.finish(ann.client.conversations.moveTo(chat, three.url))
  await isAt(group, ben, three)
  await say(group, ben, 'at the third')
  await sim.run(2_000)
  await sim.finish(ann.client.conversations.moveTo(chat, two.url))
  await isAt(group, ben, two)
  await isAt(group, cid, two)
  await isAt(group, dan, two)
  await say(group, ben, 'at the second')
  await say(group, cid, 'elsewhere')
  await say(group, dan, 'elsewhere as well')
  await sim.run(20_000)
  // What would tell them in the old log never comes back.
  one.crash()
  sim.network.heal()
  const texts = ['before', 'at the third', 'at the second', 'elsewhere', 'elsewhere as well']
  await agree(group, texts, LONG)
  await say(group, dan, 'together')
  await agree(group, [...texts, 'together'])
})

test('whoever could not reach the chosen hub, and went on at another one, comes to the others', async () => {
  const group = await four('not the chosen one')
  const { sim, relays, people, chat } = group
  const [ann, ben, cid] = people as Four
  const [one, two, three] = relays as Three
  for (const device of ['cid/1', 'dan/1']) sim.network.partition({ device, relay: 'three' })
  await sim.finish(ann.client.conversations.moveTo(chat, three.url))
  await isAt(group, ben, three)
  await say(group, ben, 'at the chosen one')
  await isAt(group, cid, two)
  await say(group, cid, 'at the next one')
  await sim.finish(ann.client.conversations.moveTo(chat, one.url))
  await isAt(group, ben, one)
  await say(group, ann, 'and back')
  await sim.run(60_000)
  sim.network.heal()
  const texts = ['before', 'at the chosen one', 'at the next one', 'and back']
  await agree(group, texts, LONG)
  for (const { client } of people) expect((await client.groups.info(chat)).hub).toBe(one.url)
})

test('who was taken out on the side that does not stand goes out again on the other one', async () => {
  const group = await four('removed elsewhere')
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan] = people as Four
  const [one, two, three] = relays as Three
  await sim.finish(ann.client.groups.setRole(chat, ben.identity.address, 'admin'))
  await sim.run(2_000)
  sim.network.partition({ device: 'ann/1', relay: 'one' })
  sim.network.partition({ device: 'ann/1', relay: 'two' })
  for (const name of ['a', 'b', 'c', 'd']) await sim.finish(ben.client.groups.rename(chat, name))
  await isAt(group, ann, three)
  await sim.finish(ann.client.groups.remove(chat, [dan.identity.address]))
  await say(group, ann, 'at the third')
  one.crash()
  await isAt(group, ben, two)
  await isAt(group, cid, two)
  await say(group, cid, 'at the second')
  await sim.run(20_000)
  sim.network.heal()
  await agree(group, ['before', 'at the third', 'at the second'], LONG, [ann, ben, cid])
  await sim.until(async () => {
    const infos = await Promise.all([ann, ben, cid].map(({ client }) => client.groups.info(chat)))
    return infos.every(({ members }) => members.length === 3)
  })
  // It is told once: what was done where nobody is any more has not happened.
  const { items } = await ann.client.messages.list(chat, { limit: 1_000 })
  const removals = items.filter(({ content }) => content.type === 'notice' && content.notice.kind === 'removed')
  expect(removals).toHaveLength(1)
})

test('whoever said where they were before others moved by choice hears of that, though the old hub has gone', async () => {
  const group = await four('said before')
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan] = people as Four
  const [one, two, three] = relays as Three
  for (const device of ['cid/1', 'dan/1']) sim.network.partition({ device, relay: 'one' })
  await isAt(group, cid, two)
  await isAt(group, dan, two)
  await sim.run(3_000)
  await sim.finish(ann.client.conversations.moveTo(chat, three.url))
  await isAt(group, ben, three)
  one.crash()
  sim.network.heal()
  await say(group, cid, 'at the second')
  await say(group, ben, 'at the third')
  await agree(group, ['before', 'at the second', 'at the third'], LONG)
})

test('those who changed the group very often at the old hub come to whoever had gone on elsewhere before', async () => {
  const group = await four('far beyond')
  const { sim, relays, people, chat } = group
  const [ann, , , dan] = people as Four
  const [one, two] = relays as Three
  sim.network.partition({ device: 'dan/1', relay: one.name })
  // More than those whose seeds are kept.
  for (let change = 1; change <= 66; change++) await sim.finish(ann.client.groups.rename(chat, `no. ${change}`))
  await say(group, ann, 'at the first')
  await isAt(group, dan, two)
  await say(group, dan, 'at the second')
  await sim.run(20_000)
  sim.network.heal()
  await agree(group, ['before', 'at the first', 'at the second'], LONG)
  for (const { client } of people) expect((await client.groups.info(chat)).hub).toBe(two.url)
})

test('what was said on a side that does not stand gives way where the others have something else at its place', async () => {
  const group = await four('the same place')
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan] = people as Four
  const [one, two, three] = relays as Three
  for (const device of ['cid/1', 'dan/1']) sim.network.partition({ device, relay: two.name })
  for (const device of ['ann/1', 'ben/1']) sim.network.partition({ device, relay: three.name })
  one.crash({ silent: false })
  for (const person of [ann, ben]) await isAt(group, person, two)
  for (const person of [cid, dan]) await isAt(group, person, three)
  const here = [await say(group, ann, 'here')].map(() => 'here')
  const there = Array.from({ length: 12 }, (_, number) => `there ${number}`)
  for (const text of there) await say(group, cid, text)
  await sim.run(20_000)
  sim.network.heal()
  // At places that the other side has too, before that is said again and after it.
  const more = Array.from({ length: 12 }, (_, number) => `more ${number}`)
  for (const text of more) {
    await say(group, ann, text)
    await sim.run(3_000)
  }
  await agree(group, ['before', ...here, ...there, ...more], LONG)
  for (const { client } of people) expect((await client.groups.info(chat)).hub).toBe(two.url)
})

test('what was said at a hub that others had left comes to them, though its author never reached the one that they went to', async () => {
  const group = await four('never reached')
  const { sim, relays, people } = group
  const [ann, ben, cid] = people as Four
  const [one, two] = relays as Three
  sim.network.partition({ device: 'ben/1', relay: two.name })
  one.crash({ silent: false })
  await isAt(group, ann, two)
  await isAt(group, cid, two)
  await one.restart()
  const { id } = await say(group, ben, 'at the first')
  await sim.until(async () => (await ben.client.messages.get(id))?.state === 'sent')
  // By the old log; there is nothing that he can read there.
  await isAt(group, ben, two)
  await isAt(group, ben, one)
  sim.network.heal()
  await agree(group, ['before', 'at the first'], LONG)
})

test('who was away reads what was said twice, at the place where it stands last', async () => {
  const group = await four('twice at once')
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan] = people as Four
  const [one, two, three] = relays as Three
  dan.device.crash()
  for (const device of ['ann/1', 'ben/1']) sim.network.partition({ device, relay: three.name })
  sim.network.partition({ device: 'cid/1', relay: two.name })
  one.crash({ silent: false })
  for (const person of [ann, ben]) await isAt(group, person, two)
  await isAt(group, cid, three)
  await say(group, ann, 'first')
  await say(group, ben, 'second')
  await say(group, cid, 'elsewhere')
  await sim.run(20_000)
  sim.network.heal()
  // They say again what the one who comes back could not read.
  const texts = ['before', 'first', 'second', 'elsewhere']
  await agree(group, texts, LONG, [ann, ben, cid])
  await say(group, ann, 'together')
  await sim.run(20_000)
  await dan.device.restart()
  await agree(group, [...texts, 'together'], LONG)
  expect((await dan.client.groups.info(chat)).hub).toBe(two.url)
})

/** Four people at whose first relay nobody is any more: two are at the second one, and two at the third. */
const parted = async (what: string): Promise<Company> => {
  const group = await four(what)
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan] = people as Four
  const [one, two, three] = relays as Three
  await sim.finish(ann.client.groups.setRole(chat, cid.identity.address, 'admin'))
  await sim.settle()
  for (const device of ['cid/1', 'dan/1']) sim.network.partition({ device, relay: two.name })
  for (const device of ['ann/1', 'ben/1'])
    for (const { name } of [one, three]) sim.network.partition({ device, relay: name })
  one.crash({ silent: false })
  for (const person of [ann, ben]) await isAt(group, person, two)
  for (const person of [cid, dan]) await isAt(group, person, three)
  return group
}

test('who moved more often on the side that does not stand counts places as the others do', async () => {
  const group = await parted('moved more often')
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan] = people as Four
  const [one, two] = relays as Three
  await say(group, cid, 'at the third')
  await one.restart()
  await sim.run(60_000)
  await sim.finish(cid.client.conversations.moveTo(chat, one.url))
  for (const person of [cid, dan]) await isAt(group, person, one)
  await say(group, dan, 'at the first again')
  await say(group, ben, 'at the second')
  await sim.run(20_000)
  sim.network.heal()
  const texts = ['before', 'at the third', 'at the first again', 'at the second']
  await agree(group, texts, LONG)
  await say(group, ann, 'together')
  await agree(group, [...texts, 'together'])
  const places = await Promise.all(
    people.map(async ({ client }) => {
      const { items } = await client.messages.list(chat, { limit: 100 })
      return items.flatMap(({ content, position }) => (content.type === 'text' ? [position] : []))
    }),
  )
  for (const list of places) expect(list).toEqual(places[0])
  expect((await dan.client.groups.info(chat)).hub).toBe(two.url)
})

test('whoever is let in at a hub that they cannot reach, and that dies then, comes in where the others went on', async () => {
  const group = await four('let in where it is gone')
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan] = people as Four
  const [one, two, three] = relays as Three
  for (const device of ['cid/1', 'dan/1']) sim.network.partition({ device, relay: one.name })
  await isAt(group, cid, two)
  await isAt(group, dan, two)
  sim.network.partition({ device: 'dan/1', relay: three.name })
  await sim.finish(ann.client.conversations.moveTo(chat, three.url))
  await isAt(group, ben, three)
  one.crash()
  await isAt(group, cid, three)
  await sim.until(async () => (await dan.client.conversations.get(chat))?.state === 'rejoining')
  // Asked again and again, the others let in again and again.
  await sim.run(5 * 60_000)
  const jobs = await dan.device.records.read((tx) => tx.page<JobRecord>('jobs', { scope: 'all', limit: 1_000 }))
  expect(jobs.filter(({ value: { kind } }) => kind === 'rejoin').length).toBeLessThanOrEqual(people.length - 1)
  three.crash()
  await isAt(group, ann, two)
  await say(group, ann, 'at the second')
  await agree(group, ['before', 'at the second'], 2 * LONG)
})

test('whoever comes back to a hub that was left goes on though the next hub is gone for good', async () => {
  const group = await four('the next one is gone')
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan] = people as Four
  const [one, two, three] = relays as Three
  dan.device.crash()
  one.crash({ silent: false })
  for (const person of [ann, ben, cid]) await isAt(group, person, two)
  await say(group, ann, 'at the second')
  await sim.run(5_000)
  two.crash({ silent: false })
  for (const person of [ann, ben, cid]) await isAt(group, person, three)
  await say(group, ben, 'at the third')
  // The hints have come to relays that are away when he is back.
  sim.network.partition({ device: 'dan/1', relay: three.name })
  await one.restart()
  await sim.run(15 * 60_000)
  await dan.device.restart()
  await sim.run(60_000)
  sim.network.heal()
  await agree(group, ['before', 'at the second', 'at the third'], LONG)
  expect((await dan.client.groups.info(chat)).hub).toBe(three.url)
})

test('whoever slept while others moved by choice, and then left that hub as well, comes to them', async () => {
  const group = await four('slept through two moves')
  const { sim, relays, people, chat } = group
  const [ann, ben, , dan] = people as Four
  const [one, , three] = relays as Three
  dan.device.crash()
  await sim.finish(ann.client.conversations.moveTo(chat, three.url))
  await isAt(group, ben, three)
  await say(group, ben, 'at the third')
  await sim.run(2_000)
  three.crash()
  await isAt(group, ben, one)
  await say(group, ben, 'back at the first')
  await sim.run(2_000)
  // The third has the handover in its list, and the hint lies in inboxes, before anybody wakes who is behind both.
  await three.restart()
  await sim.run(60_000)
  await dan.device.restart()
  await agree(group, ['before', 'at the third', 'back at the first'], LONG)
  expect((await dan.client.groups.info(chat)).hub).toBe(one.url)
})

test('who had left before the others moved by choice holds their places as they do', async () => {
  const group = await four('left before a choice')
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan] = people as Four
  const [, two, three] = relays as Three
  for (const relay of ['one', 'three']) sim.network.partition({ device: 'dan/1', relay })
  for (const device of ['ann/1', 'ben/1']) sim.network.partition({ device, relay: 'two' })
  sim.network.partition({ device: 'cid/1', relay: 'three' })
  await isAt(group, dan, two, LONG)
  await say(group, dan, 'alone')
  await sim.finish(ann.client.groups.rename(chat, 'At the first'))
  await sim.until(async () => (await cid.client.groups.info(chat)).name === 'At the first')
  await sim.finish(ann.client.conversations.moveTo(chat, three.url))
  await isAt(group, ben, three)
  await isAt(group, cid, two, LONG)
  await say(group, cid, 'not at the chosen one')
  // Dan hears of both.
  sim.network.heal({ device: 'dan/1', relay: 'one' })
  await sim.run(30_000)
  await say(group, ben, 'at the chosen one')
  sim.network.heal()
  await agree(group, ['before', 'alone', 'not at the chosen one', 'at the chosen one'], LONG)
  for (const { client } of people) expect((await client.groups.info(chat)).hub).toBe(three.url)
})
