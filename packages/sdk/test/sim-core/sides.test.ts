import { describe, expect, test } from 'vitest'
import type { SimPerson, SimRelay } from '../../src/testing/sim/types.ts'
import { agree, type Company, isAt, isOut, say, texts, together } from './hubs-support.ts'

type Four = [SimPerson, SimPerson, SimPerson, SimPerson]
type Three = [SimRelay, SimRelay, SimRelay]

const LONG = 15 * 60_000
test('who left a hub that the others did not, and was taken out there, hears of it from those who stayed', async () => {
  const group = await together('left alone')
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan] = people as Four
  const [one, two] = relays as Three
  sim.network.partition({ device: 'dan/1', relay: 'one' })
  await isAt(group, dan, two, LONG)
  await say(group, dan, 'alone')
  await sim.finish(ann.client.groups.remove(chat, [dan.identity.address]))
  await sim.run(20_000)
  sim.network.heal()
  await isOut(group, dan)
  const { items } = await dan.client.messages.list(chat, { limit: 1_000 })
  expect(items.map(({ content }) => content.type === 'notice' && content.notice.kind)).toContain('removed')
  await say(group, ben, 'without dan')
  await agree(group, ['before', 'without dan'], LONG, [ann, ben, cid])
  expect((await ben.client.groups.info(chat)).hub).toBe(one.url)
  await sim.finish(ann.client.groups.add(chat, [dan.identity.address]))
  await sim.until(async () => (await dan.client.conversations.get(chat))?.state === 'invited', LONG)
  await sim.finish(dan.client.groups.accept(chat))
  await sim.until(async () => (await dan.client.conversations.get(chat))?.state === 'open', LONG)
  await say(group, dan, 'back')
  await agree(group, ['before', 'without dan', 'back'], LONG, [ann, ben, cid])
})

test('who was taken out at the next hub before the others came there follows them, and hears of it', async () => {
  const group = await together('out before they came')
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan] = people as Four
  const [, two] = relays as Three
  sim.network.partition({ device: 'ann/1', relay: 'one' })
  await isAt(group, ann, two, LONG)
  await sim.finish(ann.client.groups.remove(chat, [dan.identity.address]))
  await say(group, dan, 'at the first')
  await sim.run(5_000)
  sim.network.heal()
  for (const person of [ben, cid]) await isAt(group, person, two, LONG)
  await isOut(group, dan)
  await say(group, ben, 'without dan')
  await sim.until(async () => (await texts(group, cid)).at(-1) === 'without dan', LONG)
})

test('those who stayed follow somebody who was taken out to where a member is, too', async () => {
  const group = await together('not alone')
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan] = people as Four
  const [, two, three] = relays as Three
  // What is put into inboxes lies where the others do not come.
  three.crash()
  cid.device.crash()
  for (const device of ['cid/1', 'dan/1']) sim.network.partition({ device, relay: 'one' })
  for (const device of ['ann/1', 'ben/1']) sim.network.partition({ device, relay: 'two' })
  await isAt(group, dan, two, LONG)
  await cid.device.restart()
  await isAt(group, cid, two, LONG)
  await say(group, cid, 'elsewhere')
  await sim.run(5_000)
  cid.device.crash()
  await sim.finish(ann.client.groups.remove(chat, [dan.identity.address]))
  await say(group, ben, 'at the first')
  await sim.run(5_000)
  sim.network.heal()
  await three.restart()
  await isOut(group, dan)
  await cid.device.restart()
  const texts = ['before', 'elsewhere', 'at the first']
  await sim.until(async () => (await cid.client.groups.info(chat)).members.length === 3, LONG)
  await agree(group, texts, LONG, [ann, ben, cid])
  await sim.run(LONG)
  expect((await dan.client.conversations.get(chat))?.state).toBe('closed')
})

test('whoever is behind by two hubs keeps what members say of the next one, and follows though a removal lies between', async () => {
  const group = await together('behind by two', ['ann', 'ben', 'cid', 'dan', 'eve'])
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan, eve] = people as [...Four, SimPerson]
  const [one, , three] = relays as Three
  await sim.finish(ann.client.groups.setRole(chat, ben.identity.address, 'admin'))
  await sim.run(2_000)
  dan.device.crash()
  await sim.finish(ann.client.conversations.moveTo(chat, three.url))
  for (const person of [ben, cid, eve]) await isAt(group, person, three)
  sim.network.partition({ device: 'ann/1', relay: 'three' })
  await isAt(group, ann, one, LONG)
  await say(group, ann, 'back at the first')
  await sim.finish(ben.client.groups.remove(chat, [eve.identity.address]))
  await say(group, cid, 'at the third')
  await sim.run(5_000)
  sim.network.heal()
  for (const person of [ben, cid]) await isAt(group, person, one, LONG)
  const texts = ['before', 'back at the first', 'at the third']
  await agree(group, texts, LONG, [ann, ben, cid])
  await dan.device.restart()
  await agree(group, texts, LONG, [ann, ben, cid, dan])
  expect((await dan.client.groups.info(chat)).members.length).toBe(4)
})

test('two sides hear of each other though the first word of one is lost with a relay', async () => {
  const group = await together('word lost', ['ann', 'ben'])
  const { sim, relays, people, chat } = group
  const [ann, ben] = people as [SimPerson, SimPerson]
  const [one, two, three] = relays as Three
  sim.network.partition({ device: 'ben/1', relay: 'three' })
  sim.network.partition({ device: 'ann/1', relay: 'two' })
  const moving = ann.client.conversations.moveTo(chat, three.url)
  await sim.run(5_000)
  one.crash()
  await sim.finish(moving)
  await say(group, ann, 'at the chosen one')
  await isAt(group, ben, two, LONG)
  await say(group, ben, 'at the second')
  await sim.run(5_000)
  two.crash()
  await one.restart()
  await isAt(group, ben, one, LONG)
  await say(group, ben, 'at the first')
  sim.network.heal()
  await agree(group, ['before', 'at the chosen one', 'at the second', 'at the first'], LONG)
  for (const { client } of people) expect((await client.groups.info(chat)).hub).toBe(three.url)
})

test('who was taken out on the side that does not stand, and is alone on the other one, hears of it', async () => {
  const group = await together('alone on the side that stands')
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan] = people as Four
  const [one, two, three] = relays as Three
  for (const device of ['ann/1', 'ben/1', 'cid/1']) sim.network.partition({ device, relay: 'two' })
  sim.network.partition({ device: 'dan/1', relay: 'three' })
  one.crash()
  await isAt(group, dan, two, LONG)
  await say(group, dan, 'alone')
  for (const person of [ann, ben, cid]) await isAt(group, person, three, LONG)
  await sim.finish(ann.client.groups.remove(chat, [dan.identity.address]))
  await sim.run(20_000)
  sim.network.heal()
  await isOut(group, dan)
  await say(group, ben, 'without dan')
  await agree(group, ['before', 'without dan'], LONG, [ann, ben, cid])
})

test('who was taken out at the next hub hears of it though the others have changed the group at the one that they left', async () => {
  const group = await together('taken out elsewhere')
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, dan] = people as Four
  const [, two] = relays as Three
  await sim.finish(ann.client.groups.setRole(chat, ben.identity.address, 'admin'))
  await sim.run(2_000)
  sim.network.partition({ device: 'ann/1', relay: 'one' })
  await isAt(group, ann, two, LONG)
  await sim.finish(ann.client.groups.remove(chat, [dan.identity.address]))
  await say(group, ann, 'without dan')
  await sim.finish(ben.client.groups.rename(chat, 'At the first'))
  await say(group, cid, 'at the first')
  await sim.run(20_000)
  sim.network.heal()
  await isOut(group, dan)
  await agree(group, ['before', 'without dan', 'at the first'], LONG, [ann, ben, cid])
})

test('the only one who is there lets the others in though they ask again before its turn comes', async () => {
  const group = await together('late turn', ['ann', 'ben', 'cid', 'dan', 'eve'])
  const { sim, relays, people, chat } = group
  const [ann, , , , eve] = people as [...Four, SimPerson]
  const [, two] = relays as Three
  sim.network.partition({ device: 'eve/1', relay: 'one' })
  await isAt(group, eve, two, LONG)
  await say(group, eve, 'alone')
  await sim.finish(ann.client.groups.rename(chat, 'At the first'))
  await sim.run(5_000)
  sim.network.heal()
  for (const person of people) await isAt(group, person, two, 4 * 60_000)
  await agree(group, ['before', 'alone'], 4 * 60_000)
})

describe('whoever had gone on alone, said so, and did not come back for long', () => {
  const MINUTES = 10 * 60_000

  /** Cid went on alone, from before the group was renamed, and ends when the others have heard of it. */
  const left = async (what: string, meanwhile?: (group: Company) => Promise<void>): Promise<Company> => {
    const group = await together(what)
    const { sim, relays, people, chat } = group
    const [ann, ben, cid, dan] = people as Four
    const [, two] = relays as Three
    sim.network.partition({ device: 'cid/1', relay: 'one' })
    await isAt(group, cid, two, LONG)
    await say(group, cid, 'alone')
    await sim.finish(ann.client.groups.rename(chat, 'At the first'))
    await say(group, dan, 'at the first')
    await sim.run(5_000)
    sim.network.heal()
    const stateOf = async ({ client }: SimPerson) => (await client.conversations.get(chat))?.state
    await sim.until(async () => (await stateOf(ben)) === 'rejoining', LONG)
    cid.device.crash()
    await meanwhile?.(group)
    for (const person of [ann, ben, dan]) await sim.until(async () => (await stateOf(person)) === 'open', MINUTES)
    return group
  }

  test('keeps nobody from the relay that answers, and brings them over when they do', async () => {
    const group = await left('gone for long')
    const { sim, relays, people, chat } = group
    const [ann, ben, cid, dan] = people as Four
    const [one] = relays as Three
    await say(group, ben, 'without cid')
    await sim.finish(ann.client.groups.rename(chat, 'Still at the first'))
    await agree(group, ['before', 'at the first', 'without cid'], MINUTES, [ann, ben, dan])
    expect((await ben.client.groups.info(chat)).hub).toBe(one.url)
    await cid.device.restart()
    const texts = ['before', 'alone', 'at the first', 'without cid']
    await agree(group, texts, 2 * LONG)
    await say(group, dan, 'together')
    await agree(group, [...texts, 'together'], LONG)
    for (const { client } of people)
      await sim.until(async () => (await client.groups.info(chat)).name === 'Still at the first', LONG)
  })

  test('can be taken out meanwhile, and hears of it', async () => {
    const group = await left('gone for long, and out')
    const { sim, people, chat } = group
    const [ann, ben, cid, dan] = people as Four
    await sim.finish(ann.client.groups.remove(chat, [cid.identity.address]))
    await say(group, ben, 'without cid')
    await cid.device.restart()
    await isOut(group, cid)
    await agree(group, ['before', 'at the first', 'without cid'], LONG, [ann, ben, dan])
  })

  test('though a device ends while it waits, or has gone back', async () => {
    const group = await left('gone for long, and others end', async ({ sim, people }) => {
      const [, ben] = people as Four
      await sim.run(60_000)
      ben.device.crash()
      await ben.device.restart()
    })
    const { sim, people } = group
    const [ann, ben, cid, dan] = people as Four
    for (const { device } of [ann, dan]) {
      device.crash()
      await device.restart()
    }
    await say(group, dan, 'after')
    await agree(group, ['before', 'at the first', 'after'], LONG, [ann, ben, dan])
    await cid.device.restart()
    ben.device.crash()
    await sim.run(20_000)
    await ben.device.restart()
    await agree(group, ['before', 'alone', 'at the first', 'after'], 2 * LONG)
  })
})

describe('whoever is alone on the side that stands, said so, and did not come back for long', () => {
  /** Dan went on at the second relay, the others at the third; Dan ends when they have heard of it. */
  const alone = async (what: string, meanwhile?: (group: Company) => Promise<void>): Promise<Company> => {
    const group = await together(what)
    const { sim, relays, people, chat } = group
    const [ann, ben, cid, dan] = people as Four
    const [one, two, three] = relays as Three
    for (const device of ['ann/1', 'ben/1', 'cid/1']) sim.network.partition({ device, relay: 'two' })
    sim.network.partition({ device: 'dan/1', relay: 'three' })
    one.crash()
    await isAt(group, dan, two, LONG)
    await say(group, dan, 'at the second')
    for (const person of [ann, ben, cid]) await isAt(group, person, three, LONG)
    await say(group, ann, 'at the third')
    await sim.finish(ann.client.groups.rename(chat, 'At the third'))
    await sim.run(5_000)
    sim.network.heal()
    await sim.until(async () => (await stateOf(group, ann)) === 'rejoining', LONG)
    dan.device.crash()
    await meanwhile?.(group)
    for (const person of [ann, ben, cid])
      await sim.until(async () => (await stateOf(group, person)) === 'open' && (await isBack(group, person)), 2 * LONG)
    return group
  }

  const stateOf = async ({ chat }: Company, { client }: SimPerson) => (await client.conversations.get(chat))?.state
  const isBack = async ({ chat, relays }: Company, { client }: SimPerson) =>
    (await client.groups.info(chat)).hub !== relays[1]?.url

  test('keeps nobody from the others, and brings them over on coming back', async () => {
    const group = await alone('alone where it stands')
    const { sim, people, chat } = group
    const [ann, ben, cid, dan] = people as Four
    await say(group, ben, 'without dan')
    await agree(group, ['before', 'at the third', 'without dan'], LONG, [ann, ben, cid])
    await dan.device.restart()
    const texts = ['before', 'at the second', 'at the third', 'without dan']
    await agree(group, texts, 2 * LONG)
    await say(group, cid, 'together')
    await agree(group, [...texts, 'together'], LONG)
    for (const { client } of people)
      await sim.until(async () => (await client.groups.info(chat)).name === 'At the third', LONG)
  })

  test('though the hub of their side is gone by then: they go on at the next one', async () => {
    const group = await alone('alone where it stands, and no way back', async ({ sim, relays }) => {
      const [one, , three] = relays as Three
      await sim.run(30_000)
      three.crash()
      await one.restart()
    })
    const { sim, people, relays } = group
    const [ann, ben, cid, dan] = people as Four
    await say(group, ben, 'without dan')
    await agree(group, ['before', 'at the third', 'without dan'], LONG, [ann, ben, cid])
    await dan.device.restart()
    const texts = ['before', 'at the second', 'at the third', 'without dan']
    await agree(group, texts, 2 * LONG)
    await relays[2]?.restart()
    await sim.run(LONG)
    await agree(group, texts, LONG)
  })

  test('though those who go back came from different places: of these, one stands as well', async () => {
    const group = await together('back to two places', ['ann', 'ben', 'cid'])
    const { sim, people, relays, chat } = group
    const [ann, ben, cid] = people as [SimPerson, SimPerson, SimPerson]
    const [one, two, three] = relays as Three
    for (const relay of ['one', 'three']) sim.network.partition({ device: 'ben/1', relay })
    for (const relay of ['one', 'two']) sim.network.partition({ device: 'cid/1', relay })
    await isAt(group, ben, two, LONG)
    await isAt(group, cid, three, LONG)
    await say(group, ben, 'at the second')
    await say(group, cid, 'at the third')
    await sim.finish(ann.client.groups.rename(chat, 'At the first'))
    await sim.run(2_000)
    one.crash()
    await isAt(group, ann, two, LONG)
    sim.network.heal()
    for (const person of [ben, cid]) await sim.until(async () => (await stateOf(group, person)) === 'rejoining', LONG)
    ann.device.crash()
    await agree(group, ['before', 'at the second', 'at the third'], 4 * LONG, [ben, cid])
    await say(group, cid, 'together')
    await agree(group, ['before', 'at the second', 'at the third', 'together'], LONG, [ben, cid])
  })

  test('though devices end meanwhile', async () => {
    const group = await alone('alone where it stands, and others end')
    const { sim, people } = group
    const [ann, ben, cid, dan] = people as Four
    for (const { device } of [ann, cid]) device.crash()
    await say(group, ben, 'one of three')
    for (const { device } of [ann, cid]) await device.restart()
    await agree(group, ['before', 'at the third', 'one of three'], LONG, [ann, ben, cid])
    ann.device.crash()
    await dan.device.restart()
    await sim.until(async () => (await texts(group, dan)).includes('one of three'), 2 * LONG)
    await ann.device.restart()
    await agree(group, ['before', 'at the second', 'at the third', 'one of three'], LONG)
  })
})
