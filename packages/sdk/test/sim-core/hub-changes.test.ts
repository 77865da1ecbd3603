import { describe, expect, test } from 'vitest'
import type { GroupInfo } from '../../src/index.ts'
import type { SimPerson } from '../../src/testing/sim/types.ts'
import { acquainted, agree, type Company, say } from './hubs-support.ts'

type Four = [SimPerson, SimPerson, SimPerson, SimPerson]

const infoOf = ({ chat }: Company, { client }: SimPerson): Promise<GroupInfo> => client.groups.info(chat)

/** All of them see the group so. */
const allSee = async (
  group: Company,
  who: readonly SimPerson[],
  isSo: (info: GroupInfo) => boolean,
  within = 15 * 60_000,
): Promise<void> => {
  let seen: readonly GroupInfo[] = []
  const look = async () => {
    seen = await Promise.all(who.map((person) => infoOf(group, person)))
    return seen.every(isSo)
  }
  await group.sim.until(look, within).catch((cause: unknown) => {
    throw new Error(JSON.stringify(seen, null, 1), { cause })
  })
}

const peopleIn = ({ members }: GroupInfo): readonly string[] => members.map(({ address }) => address)
const roleOf = ({ members }: GroupInfo, { identity }: SimPerson) =>
  members.find(({ address }) => address === identity.address)?.role

/** Some stay at the hub, the others cannot reach it and go on at the next one. */
const split = async (
  seed: string,
  names: readonly string[],
  cut: readonly string[],
  hubs: readonly string[] = ['one', 'two'],
): Promise<Company> => {
  const group = await acquainted(seed, names, hubs)
  const { sim, people, relays } = group
  for (const name of cut) sim.network.partition({ device: `${name}/1`, relay: 'one' })
  const gone = people.filter(({ name }) => cut.includes(name))
  // Those who stay have gone on in the meantime, so that what they do is beyond the handover.
  await allSee(group, gone, ({ hub }) => hub === relays[1]?.url)
  return group
}

describe('what was done at a hub that others had left', () => {
  test('is done again: who was asked in comes, what was renamed is, and nobody does anything for it', async () => {
    const group = await split('done again', ['ann', 'ben', 'cid'], ['ben', 'cid'])
    const { sim, people, relays, chat } = group
    const [ann, ben, cid] = people as [SimPerson, SimPerson, SimPerson]
    const dan = await sim.person('dan', { relays })
    const three = await sim.relay('three')
    await sim.finish(ann.client.groups.add(chat, [dan.identity.address]))
    await sim.until(async () => (await dan.client.conversations.get(chat))?.state === 'invited')
    await sim.finish(dan.client.groups.accept(chat))
    await sim.finish(ann.client.groups.setRole(chat, dan.identity.address, 'admin'))
    await sim.finish(ann.client.groups.rename(chat, 'First'))
    await sim.finish(ann.client.groups.rename(chat, 'At one'))
    await sim.finish(ann.client.conversations.setTimer(chat, 86_400))
    const { id } = await say(group, ann, 'at one')
    await sim.until(async () => (await ann.client.messages.get(id))?.state !== 'queued')
    await sim.finish(ann.client.messages.pin(id))
    const urls = [...relays, three].map(({ url }) => url)
    await sim.finish(ann.client.conversations.setHubs(chat, urls))
    await say(group, dan, 'new here')
    await say(group, ben, 'at two')
    await sim.run(20_000)
    sim.network.heal()
    const all = [ann, ben, cid, dan]
    await allSee(
      group,
      all,
      (info) =>
        info.hub === relays[1]?.url &&
        info.name === 'At one' &&
        info.timer === 86_400 &&
        info.hubs.join() === urls.join() &&
        info.pins.includes(id) &&
        roleOf(info, dan) === 'admin',
    )
    await agree(group, ['before', 'at one', 'at two', 'new here'], undefined, [ann, ben, cid])
    await say(group, dan, 'all here')
    await agree(group, ['before', 'at one', 'at two', 'new here', 'all here'], undefined, [ann, ben, cid])
    await sim.until(async () => {
      const { items } = await dan.client.messages.list(chat, { limit: 100 })
      return items.some(({ content }) => content.type === 'text' && content.text === 'all here')
    })
  })

  test('who had not answered yet is asked in again, and comes when they answer', async () => {
    const group = await split('unanswered', ['ann', 'ben', 'cid'], ['ben', 'cid'])
    const { sim, people, relays, chat } = group
    const dan = await sim.person('dan', { relays })
    await sim.finish((people[0] as SimPerson).client.groups.add(chat, [dan.identity.address]))
    await sim.until(async () => (await dan.client.conversations.get(chat))?.state === 'invited')
    await sim.run(20_000)
    sim.network.heal()
    await allSee(group, people, (info) => peopleIn(info).includes(dan.identity.address))
    await sim.finish(dan.client.groups.accept(chat))
    await allSee(group, [dan], ({ hub }) => hub === relays[1]?.url)
    await say(group, dan, 'hello')
    await agree(group, ['before', 'hello'], undefined, people)
  })

  test('what was changed where the others went on stays, and who was taken out there stays out', async () => {
    const group = await acquainted('conflict', ['ann', 'ben', 'cid', 'dan'])
    const { sim, people, relays, chat } = group
    const [ann, ben, cid, dan] = people as Four
    await sim.finish(ann.client.groups.setRole(chat, ben.identity.address, 'owner'))
    await sim.settle()
    for (const device of ['ben/1', 'cid/1']) sim.network.partition({ device, relay: 'one' })
    await allSee(group, [ben, cid], ({ hub }) => hub === relays[1]?.url)
    await sim.finish(ann.client.groups.rename(chat, 'At one'))
    await sim.finish(ann.client.conversations.setTimer(chat, 3_600))
    await sim.finish(ann.client.groups.remove(chat, [dan.identity.address]))
    await sim.finish(ann.client.groups.add(chat, [dan.identity.address]))
    await sim.finish(ben.client.groups.rename(chat, 'At two'))
    await sim.finish(ben.client.groups.remove(chat, [dan.identity.address]))
    await sim.run(20_000)
    sim.network.heal()
    const rest = [ann, ben, cid]
    await allSee(group, rest, ({ hub, timer }) => hub === relays[1]?.url && timer === 3_600)
    await sim.run(5 * 60_000)
    for (const person of rest) {
      const info = await infoOf(group, person)
      expect(info.name).toBe('At two')
      expect(peopleIn(info)).not.toContain(dan.identity.address)
    }
  })

  test('whoever may no more is told, and nothing is changed', async () => {
    const group = await acquainted('no more', ['ann', 'ben', 'cid'])
    const { sim, people, relays, chat } = group
    const [ann, ben, cid] = people as [SimPerson, SimPerson, SimPerson]
    await sim.finish(ann.client.groups.setRole(chat, ben.identity.address, 'owner'))
    await sim.settle()
    for (const device of ['ben/1', 'cid/1']) sim.network.partition({ device, relay: 'one' })
    await allSee(group, [ben, cid], ({ hub }) => hub === relays[1]?.url)
    await sim.finish(ann.client.groups.rename(chat, 'At one'))
    await sim.finish(ben.client.groups.setRole(chat, ann.identity.address, 'member'))
    await sim.run(20_000)
    const problems: string[] = []
    void (async () => {
      for await (const event of ann.client.events()) if (event.type === 'problem') problems.push(event.code)
    })()
    sim.network.heal()
    await sim.until(() => problems.includes('conversation/not-permitted'), 15 * 60_000)
    await allSee(group, people, ({ hub, name }) => hub === relays[1]?.url && name === 'Group')
  })

  test('who had left is out, though those who are left are plain members', async () => {
    const group = await split('left', ['ann', 'ben', 'cid', 'dan'], ['cid'])
    const { sim, people, relays, chat } = group
    const [ann, ben, cid, dan] = people as Four
    await sim.finish(dan.client.groups.leave(chat))
    await allSee(group, [ann, ben], (info) => !peopleIn(info).includes(dan.identity.address))
    await ann.device.stop()
    sim.network.heal()
    await allSee(
      group,
      [ben, cid],
      (info) => info.hub === relays[1]?.url && !peopleIn(info).includes(dan.identity.address),
    )
  })

  test('who had been taken out is out, though those who know of it are plain members', async () => {
    const group = await split('taken out', ['ann', 'ben', 'cid', 'dan'], ['cid', 'dan'])
    const { sim, people, relays, chat } = group
    const [ann, ben, cid, dan] = people as Four
    await sim.finish(ann.client.groups.remove(chat, [dan.identity.address]))
    await allSee(group, [ann, ben], (info) => !peopleIn(info).includes(dan.identity.address))
    await ann.device.stop()
    await say(group, dan, 'not heard of it')
    await sim.run(5_000)
    sim.network.heal()
    await allSee(
      group,
      [ben, cid],
      (info) => info.hub === relays[1]?.url && !peopleIn(info).includes(dan.identity.address),
    )
    // It is the word of who took them out, whoever brings it.
    const { items } = await cid.client.messages.list(chat, { limit: 100 })
    const notices = items.flatMap(({ content }) => (content.type === 'notice' ? [content.notice] : []))
    expect(notices).toContainEqual({ kind: 'removed', by: ann.identity.address, people: [dan.identity.address] })
    await sim.finish(dan.client.messages.send(chat, 'out').catch(() => undefined))
    await say(group, cid, 'without dan')
    await agree(group, ['before', 'not heard of it', 'without dan'], undefined, [ben, cid])
  })

  test('many changes later, who was taken out first is out as well', async () => {
    const group = await split('many', ['ann', 'ben', 'cid', 'dan'], ['ben', 'cid'])
    const { sim, people, relays, chat } = group
    const [ann, ben, cid, dan] = people as Four
    await sim.finish(ann.client.groups.remove(chat, [dan.identity.address]))
    for (let n = 0; n < 8; n++) await sim.finish(ann.client.groups.rename(chat, `No. ${n}`))
    await sim.run(10_000)
    sim.network.heal()
    await allSee(
      group,
      [ann, ben, cid],
      (info) => info.hub === relays[1]?.url && info.name === 'No. 7' && !peopleIn(info).includes(dan.identity.address),
    )
  })
})

test('of two that went on elsewhere, what was done in the one that does not stand is done again', async () => {
  const group = await acquainted('rivals', ['ann', 'ben', 'cid', 'dan'], ['one', 'two', 'three'])
  const { sim, people, relays, chat } = group
  const [ann, ben] = people as Four
  for (const device of ['ann/1', 'ben/1']) sim.network.partition({ device, relay: 'two' })
  for (const device of ['cid/1', 'dan/1']) sim.network.partition({ device, relay: 'three' })
  relays[0]?.crash()
  await allSee(group, [ann, ben], ({ hub }) => hub === relays[2]?.url)
  await sim.finish(ann.client.groups.rename(chat, 'At three'))
  await sim.finish(ann.client.groups.setRole(chat, ben.identity.address, 'admin'))
  await sim.run(60_000)
  sim.network.heal()
  await allSee(
    group,
    people,
    (info) => info.hub === relays[1]?.url && info.name === 'At three' && roleOf(info, ben) === 'admin',
  )
})

describe('whose device made it', () => {
  test('and is gone for good: another one of that person does it again', async () => {
    const group = await acquainted('laptop', ['ann', 'ben', 'cid'])
    const { sim, people, relays, chat } = group
    const [ann, ben, cid] = people as [SimPerson, SimPerson, SimPerson]
    const laptop = await sim.device(ann, 'laptop')
    await sim.until(async () => (await laptop.client.conversations.get(chat))?.state === 'open')
    await sim.settle()
    for (const device of ['ben/1', 'cid/1']) sim.network.partition({ device, relay: 'one' })
    await allSee(group, [ben, cid], ({ hub }) => hub === relays[1]?.url)
    await sim.finish(ann.client.groups.rename(chat, 'By the phone'))
    await sim.until(async () => (await laptop.client.groups.info(chat)).name === 'By the phone')
    await ann.device.stop()
    sim.network.heal()
    await allSee(group, [ben, cid], ({ hub, name }) => hub === relays[1]?.url && name === 'By the phone')
  })

  test('and ends before its hub, which dies too, has taken it: it is done at the next one', async () => {
    const group = await acquainted('given up', ['ann', 'ben'])
    const { sim, people, relays, chat } = group
    const [ann] = people as [SimPerson]
    sim.network.partition({ device: 'ann/1', relay: 'one' })
    void ann.client.groups.rename(chat, 'In the dark').catch(() => undefined)
    await sim.run(1_000)
    ann.device.crash()
    relays[0]?.crash()
    await ann.device.restart()
    await allSee(group, people, ({ hub, name }) => hub === relays[1]?.url && name === 'In the dark')
  })

  test.each(Array.from({ length: 6 }, (_, index) => index))('and dies on its way back, no. %i', async (index) => {
    const group = await split(`dies ${index}`, ['ann', 'ben', 'cid'], ['ben', 'cid'])
    const { sim, people, relays, chat } = group
    const [ann, ben, cid] = people as [SimPerson, SimPerson, SimPerson]
    const dan = await sim.person('dan', { relays })
    await sim.finish(ann.client.groups.add(chat, [dan.identity.address]))
    await sim.finish(ann.client.groups.rename(chat, 'At one'))
    const frames: number[] = []
    // It dies at one of the frames that it sends once it is on its way to the others.
    const stop = sim.onFrame(({ from, to, at }) => {
      if (from === 'ann/1' && to === 'two') frames.push(at)
    })
    sim.network.heal()
    await sim.until(() => frames.length > 6 * index, 15 * 60_000)
    stop()
    ann.device.crash()
    await sim.run(3_000)
    await ann.device.restart()
    await allSee(
      group,
      [ann, ben, cid],
      (info) => info.hub === relays[1]?.url && info.name === 'At one' && peopleIn(info).includes(dan.identity.address),
    )
  })
})
