import { describe, expect, test } from 'vitest'
import { simulatedRelay } from '../../../relay/src/testing/simulated-relay.ts'
import type { ControlRecord, RoomRecord, SelfRecord } from '../../src/client/records.ts'
import { getControl } from '../../src/client/rooms/session.ts'
import type { Notice } from '../../src/index.ts'
import { nodeCrypto } from '../../src/node.ts'
import { encodeGoneNote, type GoneNote } from '../../src/protocol/inbox/gone-note.ts'
import { sealInboxItem } from '../../src/protocol/inbox/item.ts'
import { removalStatement } from '../../src/protocol/messages/removal-statement.ts'
import type { SimDevice, SimPerson, SimRelay } from '../../src/testing/sim/types.ts'
import { acquainted, agree, type Company, company, isAt, say } from './hubs-support.ts'
import { world } from './world.ts'

const crypto = nodeCrypto()

type Four = [SimPerson, SimPerson, SimPerson, SimPerson]

const LONG = 15 * 60_000
const HOUR = 60 * 60_000

const stateAt = async ({ chat }: Company, { client }: { readonly client: SimDevice['client'] }) =>
  (await client.conversations.get(chat))?.state

const roleAt = async ({ chat }: Company, { client, identity }: SimPerson) =>
  (await client.groups.info(chat)).members.find(({ address }) => address === identity.address)?.role

const noticesAt = async (
  { chat }: Company,
  { client }: { readonly client: SimDevice['client'] },
): Promise<readonly Notice[]> => {
  const { items } = await client.messages.list(chat, { limit: 1_000 })
  return items.flatMap(({ content }) => (content.type === 'notice' ? [content.notice] : [])).reverse()
}

const removed = (by: SimPerson, who: SimPerson): Notice => ({
  kind: 'removed',
  by: by.identity.address,
  people: [who.identity.address],
})

/** The room is over for them, they see why, behind all that they can still read, and ask nobody any more. */
const isOut = async (group: Company, who: { readonly client: SimDevice['client'] }, notice: Notice): Promise<void> => {
  const { sim, chat } = group
  await sim.until(async () => (await stateAt(group, who)) === 'closed', LONG)
  expect((await noticesAt(group, who)).at(-1)).toEqual(notice)
  const { items } = await who.client.messages.list(chat, { limit: 1_000 })
  expect(items[0]?.content.type).toBe('notice')
  expect(items.some(({ content }) => content.type === 'text' && content.text === 'before')).toBe(true)
  await expect(sim.finish(who.client.messages.send(chat, 'out'))).rejects.toMatchObject({
    code: 'conversation/not-member',
  })
}

describe('who was taken out on the side of a partition that stands', () => {
  /** Ann and dan went on where all look first; ben and cid could not, and went on elsewhere. */
  const parted = async (seed: string): Promise<Company> => {
    const group = await company(world(seed), ['ann', 'ben', 'cid', 'dan'], ['one', 'two', 'three'])
    const { sim, people, relays, chat } = group
    const [ann, ben, cid, dan] = people as Four
    await say(group, ann, 'before')
    await agree(group, ['before'])
    for (const device of ['ben/1', 'cid/1']) sim.network.partition({ device, relay: 'two' })
    for (const device of ['ann/1', 'dan/1']) sim.network.partition({ device, relay: 'three' })
    relays[0]?.crash()
    const hubOf = async ({ client }: SimPerson) => (await client.groups.info(chat)).hub
    for (const person of [ann, dan]) await sim.until(async () => (await hubOf(person)) === relays[1]?.url)
    for (const person of [ben, cid]) await sim.until(async () => (await hubOf(person)) === relays[2]?.url)
    return group
  }

  test('is told so, and asks no more', async () => {
    const group = await parted('parted')
    const { sim, people, chat } = group
    const [ann, ben, cid, dan] = people as Four
    await sim.finish(ann.client.groups.remove(chat, [ben.identity.address]))
    sim.network.heal()
    await isOut(group, ben, removed(ann, ben))
    await sim.until(async () => (await stateAt(group, cid)) === 'open', LONG)
    await say(group, cid, 'without ben')
    await agree(group, ['before', 'without ben'], LONG, [ann, cid, dan])
  })

  test('is told so also by plain members, and comes when they are asked in again', async () => {
    const group = await parted('by members')
    const { sim, people, chat } = group
    const [ann, ben, , dan] = people as Four
    await sim.finish(ann.client.groups.remove(chat, [ben.identity.address]))
    await sim.until(async () => (await dan.client.groups.info(chat)).members.length === 3)
    await ann.device.stop()
    sim.network.heal()
    await isOut(group, ben, removed(ann, ben))
    await ann.device.restart()
    await sim.finish(ann.client.groups.add(chat, [ben.identity.address]))
    await sim.until(async () => (await stateAt(group, ben)) === 'invited', LONG)
    await sim.finish(ben.client.groups.accept(chat))
    await sim.until(async () => (await stateAt(group, ben)) === 'open', LONG)
    await say(group, ben, 'back')
    await agree(group, ['before', 'back'], LONG, [ann, dan])
  })

  test('by somebody of whose role they do not know takes the word of one whom they know', async () => {
    const group = await parted('role elsewhere')
    const { sim, people, chat } = group
    const [ann, ben, , dan] = people as Four
    await sim.finish(ann.client.groups.setRole(chat, dan.identity.address, 'admin'))
    await sim.until(async () => (await roleAt(group, dan)) === 'admin')
    await sim.finish(dan.client.groups.remove(chat, [ben.identity.address]))
    await sim.until(async () => (await ann.client.groups.info(chat)).members.length === 3)
    await ann.device.stop()
    sim.network.heal()
    await sim.until(async () => (await stateAt(group, ben)) === 'rejoining', LONG)
    await sim.run(LONG)
    // Nobody over there whom ben knows: back on the own side, alone.
    expect(await stateAt(group, ben)).toBe('open')
    await ann.device.restart()
    await isOut(group, ben, removed(ann, ben))
  })
})

describe('who was taken out before the hub was gone', () => {
  test('comes back to the one order, and keeps what they had read where they read it', async () => {
    const group = await company(world('said again without'), ['ann', 'ben', 'cid', 'dan'], ['one', 'two'])
    const { sim, people, relays, chat } = group
    const [ann, ben, cid, dan] = people as Four
    await say(group, ann, 'before')
    await agree(group, ['before'])
    await sim.finish(ann.client.groups.remove(chat, [ben.identity.address]))
    await isOut(group, ben, removed(ann, ben))
    for (const { client } of [cid, dan])
      await sim.until(async () => (await client.groups.info(chat)).members.length === 3)
    relays[0]?.crash()
    await sim.until(async () => (await ann.client.groups.info(chat)).hub === relays[1]?.url)
    await say(group, cid, 'without ben')
    await agree(group, ['before', 'without ben'], LONG, [ann, cid, dan])
    await sim.finish(ann.client.groups.add(chat, [ben.identity.address]))
    await sim.until(async () => (await stateAt(group, ben)) === 'invited', LONG)
    await sim.finish(ben.client.groups.accept(chat))
    await sim.until(async () => (await stateAt(group, ben)) === 'open', LONG)
    await say(group, ben, 'back')
    await agree(group, ['before', 'without ben', 'back'], LONG, [ann, cid, dan])
    await say(group, dan, 'welcome')
    await agree(group, ['before', 'without ben', 'back', 'welcome'], LONG, [ann, cid, dan])
    // For those who stayed it was said again at the next hub: a removal lies before it.
    const shown = async ({ client }: SimPerson) =>
      (await client.messages.list(chat, { limit: 1_000 })).items
        .flatMap(({ content }) =>
          content.type === 'text' ? [content.text] : content.type === 'notice' ? [content.notice.kind] : [],
        )
        .filter((word) => ['before', 'back', 'welcome', 'removed'].includes(word))
        .reverse()
    for (const person of [ann, cid, dan]) expect(await shown(person)).toEqual(['removed', 'before', 'back', 'welcome'])
    await sim.until(async () => (await shown(ben)).includes('welcome'))
    expect(await shown(ben)).toEqual(['before', 'removed', 'back', 'welcome'])
  })
})

describe('what somebody said again, who was taken out before all had come', () => {
  test('stays where those who came later had read it', async () => {
    const group = await acquainted('gone before they came', ['ann', 'ben', 'cid', 'dan'])
    const { sim, people, relays, chat } = group
    const [ann, ben, cid, dan] = people as Four
    await sim.finish(ann.client.groups.setRole(chat, cid.identity.address, 'admin'))
    await sim.until(async () => (await roleAt(group, cid)) === 'admin')
    // Ben reads it when dan hears of nothing there any more: dan does not know, ann does.
    sim.network.partition({ device: 'ben/1', relay: 'one' })
    await say(group, dan, 'of dan')
    await say(group, ann, 'of ann')
    await sim.run(7_000)
    for (const device of ['cid/1', 'dan/1']) sim.network.partition({ device, relay: 'one' })
    for (const device of ['ann/1', 'ben/1']) sim.network.partition({ device, relay: 'two' })
    sim.network.heal({ device: 'ben/1', relay: 'one' })
    await sim.finish(ann.client.groups.rename(chat, 'Beyond'))
    for (const person of [cid, dan]) await isAt(group, person, relays[1] as SimRelay, LONG)
    await sim.run(5_000)
    await sim.finish(cid.client.groups.remove(chat, [dan.identity.address]))
    await isOut(group, dan, removed(cid, dan))
    sim.network.heal()
    for (const person of [ann, ben]) await isAt(group, person, relays[1] as SimRelay, LONG)
    await say(group, ben, 'together')
    const texts = async ({ client }: SimPerson) =>
      (await client.messages.list(chat, { limit: 1_000 })).items
        .flatMap(({ content }) => (content.type === 'text' ? [content.text] : []))
        .reverse()
    for (const person of [ann, ben, cid]) await sim.until(async () => (await texts(person)).at(-1) === 'together', LONG)
    for (const person of [ann, ben]) expect(await texts(person)).toEqual(['before', 'of dan', 'of ann', 'together'])
    expect(await texts(cid)).toEqual(['before', 'of ann', 'of dan', 'together'])
  })
})

describe('a device that was away for longer than its hub keeps the log', () => {
  const relay = simulatedRelay({ retention: { days: 1 / 24, commitDays: 1 / 24 }, sweepEvery: 60_000 })

  const four = async (seed: string): Promise<Company> => {
    const sim = world(seed, { relay, heartbeat: HOUR })
    const group = await company(sim, ['ann', 'ben', 'cid', 'dan'], ['one'])
    await say(group, group.people[0] as SimPerson, 'before')
    await agree(group, ['before'])
    return group
  }

  test('hears that its person was taken out', async () => {
    const group = await four('trimmed')
    const { sim, people, chat } = group
    const [ann, ben] = people as Four
    await ben.device.stop()
    await sim.finish(ann.client.groups.rename(chat, 'Later'))
    await sim.finish(ann.client.groups.remove(chat, [ben.identity.address]))
    await sim.run(2 * HOUR)
    await ann.device.stop()
    await ben.device.restart()
    await isOut(group, ben, removed(ann, ben))
  })

  test('hears that its person left by another one', async () => {
    const group = await four('left')
    const { sim, people, chat } = group
    const [, ben, cid] = people as Four
    const laptop = await sim.device(ben, 'laptop')
    await sim.until(async () => (await stateAt(group, laptop)) === 'open', LONG)
    await say(group, cid, 'hello laptop')
    await sim.settle()
    await laptop.stop()
    await sim.finish(cid.client.messages.send(chat, 'more'))
    await sim.finish(ben.client.groups.leave(chat))
    await sim.until(async () => (await stateAt(group, ben)) === 'closed', LONG)
    await ben.device.stop()
    await sim.run(2 * HOUR)
    await laptop.restart()
    await sim.until(async () => (await stateAt(group, laptop)) === 'closed', LONG)
    expect((await noticesAt(group, laptop)).at(-1)).toEqual({ kind: 'left', by: ben.identity.address })
  })

  /** Ben is back, and everybody whom he asks is away. */
  const alone = async (group: Company): Promise<void> => {
    const { sim, people } = group
    const [, ben, ...others] = people as Four
    for (const { device } of [people[0] as SimPerson, ...others]) if (device.isUp) await device.stop()
    await ben.device.restart()
    await sim.until(async () => (await stateAt(group, ben)) === 'rejoining', LONG)
  }

  test('goes by no word but that of somebody who may say so, for the stay that it is in', async () => {
    const group = await four('forged')
    const { sim, people, chat } = group
    const [ann, ben, cid, dan] = people as Four
    const eve = await sim.person('eve')
    const earlier = await stayAt(ben)
    await sim.finish(ann.client.groups.remove(chat, [ben.identity.address]))
    await sim.until(async () => (await stateAt(group, ben)) === 'closed')
    await sim.finish(ann.client.groups.add(chat, [ben.identity.address]))
    await sim.until(async () => (await stateAt(group, ben)) === 'invited')
    await sim.finish(ben.client.groups.accept(chat))
    await sim.finish(ann.client.groups.setRole(chat, cid.identity.address, 'admin'))
    await sim.settle()
    const stay = await stayAt(ben)
    expect(stay.since).toBeGreaterThan(earlier.since)
    const good = await wordOf(ann, ben, stay)
    // Whoever reads the log hears nothing from aside.
    await post(group, eve, ben, { ...stay, ...good })
    await sim.run(60_000)
    expect(await stateAt(group, ben)).toBe('open')
    await ben.device.stop()
    await sim.finish(ann.client.groups.rename(chat, 'Later'))
    await sim.run(2 * HOUR)
    await alone(group)
    const ofDan = await wordOf(dan, ben, stay)
    const { word, log } = good
    const lies: readonly GoneNote[] = [
      { ...stay, ...ofDan },
      { ...stay, log, word: { ...word, signature: ofDan.word.signature } },
      { ...stay, log, word: { ...word, deviceKey: ofDan.word.deviceKey, signature: ofDan.word.signature } },
      { ...stay, log: ofDan.log, word: { ...ofDan.word, address: word.address } },
      { ...stay, ...(await wordOf(ann, ben, earlier)) },
      { ...earlier, ...(await wordOf(ann, ben, earlier)) },
      { ...stay, ...(await wordOf(ann, cid, stay)) },
      { ...stay, ...(await wordOf(ann, ben, { ...stay, room: new Uint8Array(32) })) },
      { ...stay, room: new Uint8Array(32), log, word },
    ]
    for (const lie of lies) await post(group, eve, ben, lie)
    await sim.run(LONG)
    expect(await stateAt(group, ben)).toBe('rejoining')
    await post(group, eve, ben, { ...stay, ...(await wordOf(cid, ben, stay)) })
    await isOut(group, ben, removed(cid, ben))
  })

  test('comes back where others let it in after all: who said so has lost the right to it since', async () => {
    const group = await four('no more')
    const { sim, people, chat } = group
    const [ann, ben, , dan] = people as Four
    const eve = await sim.person('eve')
    await sim.finish(ann.client.groups.setRole(chat, dan.identity.address, 'admin'))
    await sim.settle()
    await ben.device.stop()
    await sim.finish(ann.client.groups.setRole(chat, dan.identity.address, 'member'))
    await sim.run(2 * HOUR)
    await sim.finish(ann.client.groups.rename(chat, 'Later'))
    await sim.settle()
    await alone(group)
    const stay = await stayAt(ben)
    await post(group, eve, ben, { ...stay, ...(await wordOf(dan, ben, stay)) })
    await isOut(group, ben, removed(dan, ben))
    await ann.device.restart()
    await sim.until(async () => (await stateAt(group, ben)) === 'open', LONG)
    await say(group, ben, 'here again')
    await sim.until(async () => {
      const { items } = await ann.client.messages.list(chat, { limit: 10 })
      return items.some(({ content }) => content.type === 'text' && content.text === 'here again')
    })
  })
})

type Stay = Pick<GoneNote, 'room' | 'since'>

const selfOn = async ({ records }: SimDevice): Promise<SelfRecord> =>
  (await records.read((tx) => tx.get<SelfRecord>('meta', 'self'))) as SelfRecord

/** A person's stay in the group, as their device knows it. */
const stayAt = async ({ device, identity }: SimPerson): Promise<Stay> => {
  const { snapshot } = await device.records.read(async (tx) => {
    const rooms = await tx.page<RoomRecord>('rooms', { scope: 'all', limit: 100 })
    const controls = await Promise.all(rooms.map(({ key }) => getControl(tx, key)))
    return controls.find((control) => control?.snapshot.kind === 'group') as ControlRecord
  })
  const { room, people } = snapshot
  return { room, since: people.find(({ address }) => address === identity.address)?.since as number }
}

/** What somebody signs with the keys that they have. */
const wordOf = async (by: SimPerson, whom: SimPerson, { room, since }: Stay) => {
  const { seed, deviceKey, address, log } = await selfOn(by.device)
  const signature = await crypto.ed25519.sign(seed, removalStatement(room, whom.identity.address, since))
  return { word: { address, deviceKey, signature }, log }
}

/** Leaves a note in an inbox, past the client of whoever does it. */
const post = async ({ sim, relays }: Company, from: SimPerson, to: SimPerson, note: GoneNote): Promise<void> => {
  const [sender, reader] = await Promise.all([selfOn(from.device), selfOn(to.device)])
  const link = from.device.link(relays[0] as SimRelay)
  const body = await sealInboxItem(crypto, sender, reader, 'gone', encodeGoneNote(note))
  await sim.finish(link.request('inbox.put', { device: reader.deviceKey, reference: crypto.random(16), body }))
  await sim.finish(link.close())
}
