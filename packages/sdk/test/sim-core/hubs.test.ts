import { describe, expect, test } from 'vitest'
import type { SimPerson, SimRelay } from '../../src/testing/sim/types.ts'
import { acquainted, agree, isAt, pair, say } from './hubs-support.ts'
import { world } from './world.ts'

type Three = [SimPerson, SimPerson, SimPerson]
type Two = [SimRelay, SimRelay]

describe('a hub that is gone for good', () => {
  test.each([
    ['killed', false, 30_000],
    // Nobody hears of a power loss: first of all the silence has to be noticed (link.md).
    ['without power', true, 90_000],
  ])('%s: its members go on at the next relay, with all that was said', async (_, silent, within) => {
    const group = await acquainted(`gone ${silent}`, ['ann', 'ben', 'cid'])
    const { sim, relays, people, chat } = group
    const [ann, ben, cid] = people as Three
    const [one, two] = relays as Two
    expect(await sim.finish(ben.client.conversations.hubs(chat))).toEqual({ hub: one.url, hubs: [one.url, two.url] })
    one.crash({ silent })
    await say(group, ben, 'into the dark')
    await agree(group, ['before', 'into the dark'], within)
    await say(group, cid, 'after')
    await agree(group, ['before', 'into the dark', 'after'])
    for (const { client } of people) expect((await client.groups.info(chat)).hub).toBe(two.url)
    await sim.finish(ann.client.groups.rename(chat, 'Still here'))
    await sim.until(async () => (await cid.client.groups.info(chat)).name === 'Still here')
  })

  test('who had a message already, and who read it, is known of it where it is said again', async () => {
    const group = await acquainted('receipts', ['ann', 'ben', 'cid'])
    const { sim, relays, people, chat } = group
    const [ann, ben, cid] = people as Three
    const [one, two] = relays as Two
    await sim.settle()
    sim.network.partition({ device: 'cid/1' })
    const { id } = await say(group, ben, 'read by one')
    await sim.until(async () => (await ann.client.messages.get(id)) !== undefined)
    await sim.finish(ann.client.conversations.markRead(chat))
    const known = () => ben.client.messages.get(id)
    const has = ({ identity: { address } }: SimPerson) => address
    await sim.until(async () => (await known())?.receipts?.read.length === 1)
    one.crash({ silent: false })
    // She opens it, and is the first to say again what she had said: that she read it.
    for (const person of [ann, ben]) await isAt(group, person, two)
    await sim.settle()
    expect(await known()).toMatchObject({ state: 'sent', receipts: { delivered: [has(ann)], read: [has(ann)] } })
    sim.network.heal()
    await sim.until(async () => (await known())?.state === 'delivered')
    expect((await known())?.receipts).toEqual({ delivered: [has(ann), has(cid)], read: [has(ann)] })
  })

  test.each([
    ['for the first time', false],
    ['again', true],
  ])('whoever was asked in %s before, and accepts after, comes in where the others are', async (what, wasThere) => {
    const group = await acquainted(`asked in ${what}`, ['ann', 'ben', 'cid'])
    const { sim, relays, people, chat } = group
    const [ann, ben, cid] = people as Three
    const [one, two] = relays as Two
    const dan = wasThere ? cid : await sim.person('dan', { relays })
    const stateOf = async () => (await dan.client.conversations.get(chat))?.state
    // By their next words they say that they have read the first ones.
    for (const [number, person] of [ben, cid, ann, ben, cid].entries()) await say(group, person, `word ${number}`)
    await sim.settle()
    if (wasThere) {
      await sim.finish(ann.client.groups.remove(chat, [cid.identity.address]))
      await sim.until(async () => (await stateOf()) === 'closed')
    }
    await sim.finish(ann.client.groups.add(chat, [dan.identity.address]))
    await sim.until(async () => (await stateOf()) === 'invited')
    one.crash({ silent: false })
    for (const person of [ann, ben]) await isAt(group, person, two, 60_000)
    await say(group, ben, 'without the first')
    await sim.finish(dan.client.groups.accept(chat))
    await isAt(group, dan, two, 10 * 60_000)
    await say(group, dan, 'here I am')
    const textsOf = async ({ client }: SimPerson) => {
      const { items } = await client.messages.list(chat, { limit: 100 })
      return items.flatMap(({ content }) => (content.type === 'text' ? [content.text] : []))
    }
    const news = async (person: SimPerson) => (await textsOf(person)).slice(0, 2).join()
    for (const person of [ann, ben, dan])
      await sim.until(async () => (await news(person)) === 'here I am,without the first', 60_000)
    // What all had read before is not said again, so whoever is new does not get it.
    expect((await textsOf(dan)).includes('before')).toBe(wasThere)
  })

  test('a direct message reaches somebody who had not heard of it before', async () => {
    const sim = world('dm before')
    const [one, two] = [await sim.relay('one'), await sim.relay('two')]
    const relays = [one, two]
    const [ann, ben] = [await sim.person('ann', { relays }), await sim.person('ben', { relays })]
    ben.device.crash()
    const { id: chat } = await sim.finish(ann.client.conversations.dm(ben.identity.address))
    await sim.finish(ann.client.messages.send(chat, 'hello'))
    await sim.run(5_000)
    one.crash({ silent: false })
    await sim.until(async () => (await ann.client.conversations.hubs(chat)).hub === two.url, 60_000)
    await ben.device.restart()
    await sim.until(async () => (await ben.client.conversations.list()).items.length > 0, 5 * 60_000)
    const group = { sim, relays, people: [ann, ben], chat }
    await agree(group, ['hello'])
    await say(group, ben, 'hello yourself')
    await agree(group, ['hello', 'hello yourself'])
  })

  test('a direct message goes on too', async () => {
    const group = await pair('gone dm')
    const [ann, ben] = group.people as [SimPerson, SimPerson]
    group.relays[0]?.crash({ silent: false })
    await say(group, ben, 'still here?')
    await agree(group, ['hello', 'hello yourself', 'still here?'], 30_000)
    await say(group, ann, 'yes')
    await agree(group, ['hello', 'hello yourself', 'still here?', 'yes'])
  })
})

test('a conversation is moved by choice, and back', async () => {
  const group = await acquainted('moved', ['ann', 'ben', 'cid'])
  const { sim, relays, people, chat } = group
  const [ann, ben, cid] = people as Three
  const [one, two] = relays as Two
  await sim.finish(ann.client.conversations.moveTo(chat, two.url))
  await say(group, cid, 'there')
  await agree(group, ['before', 'there'])
  for (const person of people) await isAt(group, person, two)
  await cid.device.stop()
  await sim.finish(ann.client.conversations.moveTo(chat, one.url))
  await say(group, ben, 'and back')
  await cid.device.restart()
  await agree(group, ['before', 'there', 'and back'])
  expect((await cid.client.groups.info(chat)).term).toBe(3)
  await expect(sim.finish(ben.client.conversations.moveTo(chat, two.url))).rejects.toMatchObject({
    code: 'conversation/not-permitted',
  })
})

describe('a hub that only some can reach', () => {
  /** Ann stays at the hub; Ben and Cid cannot reach it. */
  const cutOff = async (seed: string) => {
    const group = await acquainted(seed, ['ann', 'ben', 'cid'])
    const { sim } = group
    for (const device of ['ben/1', 'cid/1']) sim.network.partition({ device, relay: 'one' })
    return group
  }

  test('both sides talk; when it is whole again, there is one order, and all ids are what they were', async () => {
    const group = await cutOff('both talk')
    const { sim, people, chat } = group
    const [ann, ben, cid] = people as Three
    const said = [
      await say(group, ann, 'at one'),
      await say(group, ben, 'at two'),
      await say(group, ann, 'at one again'),
      await say(group, cid, 'at two again'),
    ]
    await sim.run(60_000)
    await say(group, ben, 'late at two')
    await say(group, ann, 'late at one')
    await sim.run(20_000)
    sim.network.heal()
    const texts = ['before', 'at one', 'at two', 'at one again', 'at two again', 'late at two', 'late at one']
    await agree(group, texts)
    const ids = new Set((await cid.client.messages.list(chat, { limit: 100 })).items.map(({ id }) => id))
    for (const { id } of said) expect(ids).toContain(id)
    await say(group, ann, 'together')
    await agree(group, [...texts, 'together'])
  })

  test('both sides talk and change the group: it is healed, and who was removed stays out', async () => {
    const group = await acquainted('both change', ['ann', 'ben', 'cid', 'dan'])
    const { sim, people, chat } = group
    const [ann, ben, cid, dan] = people as [SimPerson, SimPerson, SimPerson, SimPerson]
    await sim.finish(ann.client.groups.setRole(chat, ben.identity.address, 'admin'))
    await sim.run(2_000)
    for (const device of ['ben/1', 'cid/1']) sim.network.partition({ device, relay: 'one' })
    await say(group, ann, 'at one')
    await sim.finish(ann.client.groups.remove(chat, [dan.identity.address]))
    await say(group, ben, 'at two')
    await sim.run(40_000)
    await sim.finish(ben.client.groups.rename(chat, 'At two'))
    await say(group, cid, 'at two again')
    await say(group, ann, 'at one again')
    await sim.run(20_000)
    sim.network.heal()
    const texts = ['before', 'at one', 'at two', 'at two again', 'at one again']
    const rest = [ann, ben, cid]
    await agree(group, texts, 15 * 60_000, rest)
    await sim.until(async () => {
      const infos = await Promise.all(rest.map(({ client }) => client.groups.info(chat)))
      return infos.every(({ members }) => !members.some(({ address }) => address === dan.identity.address))
    })
    expect((await ann.client.groups.info(chat)).name).toBe('At two')
  })
})

describe('who is not there', () => {
  test('a device that was away during all of it comes back to all that was said', async () => {
    const group = await acquainted('away', ['ann', 'ben', 'cid'])
    const { sim, relays, people, chat } = group
    const [ann, ben, cid] = people as Three
    await cid.device.stop()
    await say(group, ann, 'while he is away')
    await say(group, ben, 'as well')
    await sim.run(10_000)
    ;(relays as Two)[0].crash()
    await sim.run(60_000)
    await say(group, ben, 'elsewhere')
    await sim.finish(ann.client.groups.rename(chat, 'Elsewhere'))
    await sim.run(5_000)
    await cid.device.restart()
    await agree(group, ['before', 'while he is away', 'as well', 'elsewhere'])
    expect((await cid.client.groups.info(chat)).name).toBe('Elsewhere')
  })

  test('nor one that had not read the last commits of the old hub', async () => {
    const group = await acquainted('behind', ['ann', 'ben', 'cid'])
    const { sim, relays, people, chat } = group
    const [ann, ben, cid] = people as Three
    await cid.device.stop()
    await sim.finish(ann.client.groups.rename(chat, 'Without him'))
    await say(group, ben, 'while he is away')
    await sim.run(10_000)
    ;(relays as Two)[0].crash()
    await sim.run(60_000)
    await say(group, ben, 'elsewhere')
    await cid.device.restart()
    await agree(group, ['before', 'while he is away', 'elsewhere'], 15 * 60_000)
    expect((await cid.client.groups.info(chat)).name).toBe('Without him')
  })

  test('who was removed opens the next topic first, and nobody follows', async () => {
    const group = await acquainted('removed', ['mal', 'ann', 'ben'])
    const { sim, relays, people, chat } = group
    const [mal, ann, ben] = people as Three
    const [one, two] = relays as Two
    await sim.finish(mal.client.groups.setRole(chat, ann.identity.address, 'owner'))
    // He does not hear that he is out, and goes on from what he knows.
    sim.network.partition({ device: 'mal/1', relay: 'one' })
    await sim.finish(ann.client.groups.remove(chat, [mal.identity.address]))
    await isAt(group, mal, two)
    one.crash()
    await say(group, ben, 'without him')
    await agree(group, ['before', 'without him'], 60_000, [ann, ben])
    const { members } = await ben.client.groups.info(chat)
    expect(members.map(({ address }) => address)).not.toContain(mal.identity.address)
  })
})

describe('competing handovers', () => {
  test('at two relays: the one of lower rank stands, and nothing is lost', async () => {
    const group = await acquainted('rank', ['ann', 'ben', 'cid', 'dan'], ['one', 'two', 'three'])
    const { sim, relays, people, chat } = group
    const [ann, ben, cid, dan] = people as [SimPerson, SimPerson, SimPerson, SimPerson]
    for (const device of ['ann/1', 'ben/1']) sim.network.partition({ device, relay: 'two' })
    for (const device of ['cid/1', 'dan/1']) sim.network.partition({ device, relay: 'three' })
    relays[0]?.crash()
    await say(group, ben, 'at three')
    await say(group, cid, 'at two')
    await sim.run(60_000)
    await say(group, ann, 'at three as well')
    await say(group, dan, 'at two as well')
    await sim.run(10_000)
    sim.network.heal()
    const texts = ['before', 'at three', 'at two', 'at three as well', 'at two as well']
    await agree(group, texts, 15 * 60_000)
    for (const { client } of people) expect((await client.groups.info(chat)).hub).toBe(relays[1]?.url)
    await say(group, ann, 'together')
    await agree(group, [...texts, 'together'])
  })
})

describe('a device that dies in the middle of a handover', () => {
  test.each(Array.from({ length: 8 }, (_, index) => index))('goes on where it was, no. %i', async (index) => {
    const group = await acquainted(`dies ${index}`, ['ann', 'ben'])
    const { sim, relays, people } = group
    const [ann, ben] = people as [SimPerson, SimPerson]
    relays[0]?.crash()
    await say(group, ann, 'hers')
    const stop = sim.onFrame(({ from, to, at }) => {
      if (from !== 'ann/1' || to !== 'two') return
      frames.push(at)
    })
    const frames: number[] = []
    await sim.until(() => frames.length > index, 120_000)
    stop()
    ann.device.crash()
    await sim.run(3_000)
    await ann.device.restart()
    await say(group, ben, 'his')
    await agree(group, ['before', 'hers', 'his'])
  })
})

test.each([
  ['refuses', false],
  ['is silent', true],
])('a home relay that %s holds nobody up, not even somebody who has just started', async (_, silent) => {
  const group = await acquainted(`held up ${silent}`, ['ann', 'ben'])
  const { sim, relays, people } = group
  const [ann, ben] = people as [SimPerson, SimPerson]
  const problems: string[] = []
  relays[0]?.crash({ silent })
  await say(group, ben, 'after')
  await agree(group, ['before', 'after'], 90_000)
  for (const { client, device } of people) {
    await sim.finish(client.sync({ timeout: 15_000 }))
    await device.restart()
  }
  for (const { client } of people) {
    const events = client.events()
    void (async () => {
      for await (const event of events) if (event.type === 'problem') problems.push(event.code)
    })()
    await sim.finish(client.connect({ timeout: 15_000 }))
  }
  // The old hub is looked for again and again, and somebody who looks in finds no work that waits for it.
  for (let minute = 0; minute < 30; minute++) {
    await sim.run(61_337)
    await sim.finish(ann.client.sync({ timeout: 15_000 }))
  }
  await say(group, ann, 'much later')
  await agree(group, ['before', 'after', 'much later'])
  expect(problems.filter((code) => code !== 'transport/unreachable')).toEqual([])
})
