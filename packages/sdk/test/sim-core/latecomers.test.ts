import { expect, test } from 'vitest'
import type { SimPerson, SimRelay } from '../../src/testing/sim/types.ts'
import { agree, askIn, isAt, isOut, say, texts, together } from './hubs-support.ts'

type Four = [SimPerson, SimPerson, SimPerson, SimPerson]
type Three = [SimRelay, SimRelay, SimRelay]

const LONG = 15 * 60_000

test('who was asked in on the side that does not stand comes over with those who asked', async () => {
  const group = await together('asked in on a side')
  const { sim, relays, people } = group
  const [ann, ben, cid, dan] = people as Four
  const [one, two, three] = relays as Three
  const eve = await sim.person('eve', { relays })
  for (const device of ['ann/1', 'ben/1', 'cid/1', 'eve/1']) sim.network.partition({ device, relay: 'two' })
  sim.network.partition({ device: 'dan/1', relay: 'three' })
  one.crash()
  await isAt(group, dan, two, LONG)
  await say(group, dan, 'at the second')
  for (const person of [ann, ben, cid]) await isAt(group, person, three, LONG)
  await askIn(group, ann, eve)
  await say(group, eve, 'at the third')
  await sim.run(5_000)
  sim.network.heal()
  for (const person of [...people, eve]) await isAt(group, person, two, LONG)
  await agree(group, ['before', 'at the second', 'at the third'], LONG)
  await say(group, ben, 'together')
  await sim.until(async () => (await texts(group, eve)).at(-1) === 'together', LONG)
  await say(group, eve, 'all five')
  await agree(group, ['before', 'at the second', 'at the third', 'together', 'all five'], LONG)
})

test('who asked to be let in before the others moved on, and is let in after it, lacks nothing', async () => {
  const group = await together('asked before the move')
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan] = people as Four
  const [, two, three] = relays as Three
  await sim.finish(ann.client.groups.setRole(chat, ben.identity.address, 'admin'))
  await sim.run(2_000)
  sim.network.partition({ device: 'ann/1', relay: 'one' })
  await isAt(group, ann, two, LONG)
  await sim.finish(ben.client.groups.rename(chat, 'At the first'))
  await sim.run(5_000)
  dan.device.crash()
  sim.network.heal()
  for (const person of [ben, cid]) await isAt(group, person, two, LONG)
  await say(group, ben, 'at the second')
  await say(group, cid, 'there, too')
  await agree(group, ['before', 'at the second', 'there, too'], LONG, [ann, ben, cid])
  for (const { device } of [ann, ben, cid]) device.crash()
  await dan.device.restart()
  await sim.until(async () => (await dan.client.conversations.get(chat))?.state === 'rejoining', LONG)
  await sim.run(125_000)
  // The first leaf would answer at once, the next one after a while.
  for (const { device } of [ben, cid]) await device.restart()
  await sim.run(1_000)
  await sim.finish(ben.client.conversations.moveTo(chat, three.url))
  await isAt(group, dan, three, LONG)
  await agree(group, ['before', 'at the second', 'there, too'], LONG, [ben, cid, dan])
})

test('who was asked in there says again what those lack who come from beyond', async () => {
  const group = await together('new there')
  const { sim, relays, people, chat } = group
  const [ann, ben] = people as Four
  const [, two] = relays as Three
  await sim.finish(ann.client.groups.setRole(chat, ben.identity.address, 'admin'))
  await sim.run(2_000)
  const eve = await sim.person('eve', { relays })
  sim.network.partition({ device: 'ann/1', relay: 'one' })
  await isAt(group, ann, two, LONG)
  await sim.finish(ben.client.groups.rename(chat, 'At the first'))
  await askIn(group, ann, eve)
  await say(group, eve, 'new here')
  await sim.run(5_000)
  sim.network.heal()
  await agree(group, ['before', 'new here'], LONG)
})

test('what was said by somebody who was out before, and is back at another relay, reaches those who slept', async () => {
  const group = await together('back at another')
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan] = people as Four
  const [one, two] = relays as Three
  for (const text of ['1', '2', '3', '4', '5', '6', '7', '8']) {
    await say(group, ann, text)
    await sim.run(500)
    await say(group, dan, text)
  }
  await sim.run(2_000)
  await sim.finish(ann.client.groups.remove(chat, [cid.identity.address]))
  await isOut(group, cid)
  await sim.finish(ann.client.conversations.moveTo(chat, two.url))
  for (const person of [ben, dan]) await isAt(group, person, two)
  await askIn(group, ann, cid)
  await sim.run(5_000)
  dan.device.crash()
  await say(group, cid, 'while dan slept')
  await sim.until(async () => (await texts(group, ben)).at(-1) === 'while dan slept', LONG)
  two.crash()
  for (const person of [ann, ben, cid]) await isAt(group, person, one, LONG)
  await dan.device.restart()
  await sim.until(async () => (await texts(group, dan)).at(-1) === 'while dan slept', LONG)
})

test('who was about to go on at a relay that then went for good stays where the hub is back', async () => {
  const group = await together('no way on', ['ann', 'ben'])
  const { sim, relays, people, chat } = group
  const [ann, ben] = people as [SimPerson, SimPerson]
  const [one, two, three] = relays as Three
  three.crash()
  one.crash()
  sim.network.faults({ delay: [400, 400] }, { relay: 'two' })
  const isOpen = async ({ client }: SimPerson) => (await client.conversations.get(chat))?.state === 'open'
  await sim.until(async () => !(await isOpen(ann)), LONG)
  two.crash()
  await one.restart()
  for (const person of people) await sim.until(() => isOpen(person), LONG)
  await say(group, ann, 'still here')
  await say(group, ben, 'so am I')
  await agree(group, ['before', 'still here', 'so am I'], LONG)
  expect((await ann.client.groups.info(chat)).hub).toBe(one.url)
  await two.restart()
  one.crash()
  await isAt(group, ann, two, LONG)
  await say(group, ann, 'at the second')
  await agree(group, ['before', 'still here', 'so am I', 'at the second'], LONG)
})

test('who had gone on alone before the others moved by choice lacks nothing of what they had said until then', async () => {
  const group = await together('before the move')
  const { sim, relays, people } = group
  const [ann, ben, cid, dan] = people as Four
  const [, two, three] = relays as Three
  sim.network.partition({ device: 'dan/1', relay: 'one' })
  await isAt(group, dan, two, LONG)
  await sim.finish(ann.client.groups.rename(group.chat, 'At the first'))
  await say(group, ben, 'behind that')
  await agree(group, ['before', 'behind that'], LONG, [ann, ben, cid])
  await sim.finish(ann.client.conversations.moveTo(group.chat, three.url))
  for (const person of [ben, cid]) await isAt(group, person, three)
  sim.network.heal()
  await agree(group, ['before', 'behind that'], LONG)
})
