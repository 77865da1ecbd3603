import { describe, expect, test } from 'vitest'
import type { Client } from '../../src/index.ts'
import type { Sim, SimRelay } from '../../src/testing/sim/types.ts'
import { say, textsOf, world } from './world.ts'

const relaysOf = async (sim: Sim, ...names: readonly string[]): Promise<SimRelay[]> => {
  const relays: SimRelay[] = []
  for (const name of names) relays.push(await sim.relay(name))
  return relays
}

const hears = (sim: Sim, client: Client, texts: readonly string[], within?: number): Promise<void> =>
  sim.until(async () => (await textsOf(client)).join() === texts.join(), within)

const isAt = async (sim: Sim, client: Client, ...relays: readonly SimRelay[]): Promise<void> =>
  sim.until(() => client.relays().join() === relays.map(({ url }) => url).join())

test('the list is changed one relay at a time, in the log that every relay serves', async () => {
  const sim = world('home changes')
  const [one, two, three, four] = (await relaysOf(sim, 'one', 'two', 'three', 'four')) as [SimRelay, ...SimRelay[]] & {
    1: SimRelay
    2: SimRelay
    3: SimRelay
  }
  const ann = await sim.person('ann', { relays: [one] })
  const { homeRelays } = ann.client
  expect(await sim.finish(homeRelays.add(two.url))).toEqual([one.url, two.url])
  expect(await sim.finish(homeRelays.use(three.url))).toEqual([three.url, one.url, two.url])
  expect(await sim.finish(homeRelays.use(one.url))).toEqual([one.url, three.url, two.url])
  expect(await sim.finish(homeRelays.remove(one.url))).toEqual([three.url, two.url])
  expect(await sim.finish(homeRelays.add(one.url))).toEqual([three.url, two.url, one.url])
  await expect(sim.finish(homeRelays.add(four.url))).rejects.toMatchObject({
    code: 'usage/invalid-argument',
    details: { name: 'relay' },
  })
  await expect(sim.finish(homeRelays.remove(four.url))).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  await sim.finish(homeRelays.remove(two.url))
  await sim.finish(homeRelays.remove(one.url))
  await expect(sim.finish(homeRelays.remove(three.url))).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  // A stranger who asks a relay that she left is told where she is.
  await sim.settle()
  const ben = await sim.person('ben', { relays: [one] })
  await say(sim, ben.client, ann, 'found')
  await hears(sim, ann.client, ['found'])
})

test('a relay that does not answer becomes no home, and nothing is changed', async () => {
  const sim = world('home nobody')
  const [one, two] = (await relaysOf(sim, 'one', 'two')) as [SimRelay, SimRelay]
  const ann = await sim.person('ann', { relays: [one] })
  two.crash()
  await expect(sim.finish(ann.client.homeRelays.add(two.url))).rejects.toMatchObject({
    code: 'transport/unreachable',
    details: { relay: two.url },
  })
  expect(ann.client.relays()).toEqual([one.url])
})

test('who learns late reaches the old relay: its inbox is read for a month, also after a restart', async () => {
  const sim = world('home late')
  const [one, two] = (await relaysOf(sim, 'one', 'two')) as [SimRelay, SimRelay]
  const ann = await sim.person('ann', { relays: [one] })
  const ben = await sim.person('ben', { relays: [one] })
  await sim.finish(ben.client.contacts.add(ann.client.invite()))
  await ben.device.stop()
  await sim.finish(ann.client.homeRelays.use(two.url))
  await sim.finish(ann.client.homeRelays.remove(one.url))
  await sim.settle()
  await ann.device.stop()
  // Ben has her old log, and his relay cannot reach hers: he goes by what he knows.
  two.crash()
  await ben.device.restart()
  await say(sim, ben.client, ann, 'at your old place')
  await sim.run(60_000)
  await two.restart()
  await ann.device.restart()
  await hears(sim, ann.client, ['at your old place'])
  await say(sim, ann.client, ben, 'I moved')
  await hears(sim, ben.client, ['at your old place', 'I moved'])

  const left = () => ann.device.records.read((tx) => tx.get('meta', 'left-relays'))
  expect(await left()).toEqual([one.url])
  await ann.device.stop()
  ann.device.setClock(31 * 24 * 3_600_000)
  await ann.device.restart()
  await sim.until(async () => ((await left()) as readonly string[]).length === 0)
})

describe('a home relay that is gone for good', () => {
  test('stops nothing: neither start, first contact, a group nor a device from the phrase', async () => {
    const sim = world('home gone')
    const [one, two] = (await relaysOf(sim, 'one', 'two')) as [SimRelay, SimRelay]
    const ann = await sim.person('ann', { relays: [one, two] })
    const ben = await sim.person('ben', { relays: [one, two] })
    await ben.device.stop()
    one.crash({ silent: true })
    await ben.device.restart()
    await say(sim, ben.client, ann, 'hello')
    await hears(sim, ann.client, ['hello'], 90_000)
    await say(sim, ann.client, ben, 'hello yourself')
    await hears(sim, ben.client, ['hello', 'hello yourself'], 90_000)
    const { id } = await sim.finish(ben.client.groups.create({ name: 'Both', people: [ann.identity.address] }))
    await sim.until(async () => (await ann.client.conversations.get(id))?.state === 'invited')
    await sim.finish(ann.client.groups.accept(id))
    // The archive at the relay that is left is whole.
    await sim.run(5 * 60_000)
    ann.device.crash()
    const again = await sim.device(ann, '2')
    await sim.until(async () => {
      const { items } = await again.client.conversations.list()
      return items.length === 2 && items.every(({ state }) => state === 'open')
    })
    await say(sim, ben.client, ann, 'to the new one')
    await sim.until(async () => (await again.client.conversations.list()).items.some(({ unread }) => unread > 0))
  })

  test('the only one: another one is named, and others find it through a conversation', async () => {
    const sim = world('home only')
    const [one, two, three] = (await relaysOf(sim, 'one', 'two', 'three')) as [SimRelay, SimRelay, SimRelay]
    const ann = await sim.person('ann', { relays: [one] })
    const ben = await sim.person('ben', { relays: [two] })
    await sim.finish(ben.client.contacts.add(ann.client.invite()))
    await say(sim, ben.client, ann, 'hello')
    await hears(sim, ann.client, ['hello'])
    await sim.settle()
    one.crash()
    await sim.run(30_000)
    await expect(sim.finish(ann.client.homeRelays.use(three.url))).rejects.toMatchObject({
      code: 'relay/no-home',
      retryable: true,
    })
    expect(ann.client.relays()).toEqual([one.url])
    await sim.finish(ann.client.homeRelays.use(three.url, { lost: true }))
    await sim.finish(ann.client.homeRelays.remove(one.url))
    await isAt(sim, ann.client, three)
    // Nothing was said; the log came along all the same.
    await sim.until(async () => (await ben.client.contacts.person(ann.identity.address)).relays.join() === three.url)
    const { id } = await sim.finish(ben.client.groups.create({ name: 'New', people: [ann.identity.address] }))
    await sim.until(async () => (await ann.client.conversations.get(id))?.state === 'invited')
  })

  test('with the phrase the recovery key signs: what another device signed elsewhere meanwhile does not freeze it', async () => {
    const sim = world('home fork')
    const [one, two, three] = (await relaysOf(sim, 'one', 'two', 'three')) as [SimRelay, SimRelay, SimRelay]
    const ann = await sim.person('ann', { relays: [one] })
    const other = await sim.device(ann, '2')
    await sim.settle()
    one.crash()
    await sim.run(30_000)
    sim.network.partition({ device: 'ann/2', relay: 'three' })
    sim.network.partition({ device: 'ann/1', relay: 'two' })
    await sim.finish(other.client.homeRelays.use(two.url, { lost: true }))
    await sim.finish(ann.client.homeRelays.use(three.url, { lost: true, phrase: ann.identity.recoveryPhrase }))
    sim.network.heal()
    await one.restart()
    await isAt(sim, ann.client, three, one)
    await isAt(sim, other.client, three, one)
    await sim.finish(other.client.homeRelays.remove(one.url))
    await isAt(sim, ann.client, three)
  })
})

describe('a device that was away while its only home relay went for good', () => {
  const away = async (seed: string) => {
    const sim = world(seed)
    const [one, two, three] = (await relaysOf(sim, 'one', 'two', 'three')) as [SimRelay, SimRelay, SimRelay]
    const ann = await sim.person('ann', { relays: [one] })
    const ben = await sim.person('ben', { relays: [two] })
    const phone = await sim.device(ann, '2')
    await sim.finish(ben.client.contacts.add(ann.client.invite()))
    await say(sim, ben.client, ann, 'hello')
    await hears(sim, ann.client, ['hello'])
    await hears(sim, phone.client, ['hello'])
    await sim.settle()
    const { device } = phone.client
    await phone.stop()
    one.crash()
    await sim.finish(ann.client.homeRelays.use(three.url, { lost: true }))
    await sim.finish(ann.client.homeRelays.remove(one.url))
    return { sim, ann, ben, phone, device, three }
  }

  test('learns where its person is at home now from a conversation', async () => {
    const { sim, ann, ben, phone, three } = await away('home elsewhere')
    await say(sim, ann.client, ben, 'I moved')
    await hears(sim, ben.client, ['hello', 'I moved'])
    await phone.restart()
    await isAt(sim, phone.client, three)
    await hears(sim, phone.client, ['hello', 'I moved'])
    await say(sim, phone.client, ben, 'from my phone')
    await hears(sim, ben.client, ['hello', 'I moved', 'from my phone'])
  })

  test('learns from a conversation that it was revoked', async () => {
    const { sim, ann, ben, phone, device } = await away('home revoked')
    await sim.finish(ann.client.devices.revoke(device))
    await say(sim, ann.client, ben, 'without the phone')
    await hears(sim, ben.client, ['hello', 'without the phone'])
    await sim.settle()
    await phone.restart()
    await sim.until(async () => (await phone.client.devices.list()).some(({ isThis, revoked }) => isThis && revoked))
    await expect(sim.finish(phone.client.connect())).rejects.toMatchObject({ code: 'identity/device-revoked' })
    expect(await textsOf(phone.client)).toEqual(['hello'])
  })
})

test('the archive goes along: a phrase and the new relay bring the conversations back', async () => {
  const sim = world('home archive')
  const [one, two, three] = (await relaysOf(sim, 'one', 'two', 'three')) as [SimRelay, SimRelay, SimRelay]
  const ann = await sim.person('ann', { relays: [one] })
  const ben = await sim.person('ben', { relays: [two] })
  await sim.finish(ben.client.contacts.add(ann.client.invite()))
  const phone = await sim.device(ann, '2')
  await say(sim, ben.client, ann, 'hello')
  await hears(sim, ann.client, ['hello'])
  await hears(sim, phone.client, ['hello'])
  await sim.finish(ann.client.settings.set({ archiveBodies: true }))
  await sim.until(async () => (await phone.client.settings.get()).archiveBodies)
  await sim.settle()
  // What only the phone keeps stands at the old relay alone when it is lost.
  phone.crash()
  await sim.finish(ann.client.homeRelays.use(three.url))
  await sim.finish(ann.client.homeRelays.remove(one.url))
  await sim.settle()
  ann.device.crash()
  one.crash()
  const again = await sim.device(ann, '3', { relays: [three] })
  await hears(sim, again.client, ['hello'])
  await say(sim, ben.client, ann, 'still you?')
  await hears(sim, again.client, ['hello', 'still you?'])
})
