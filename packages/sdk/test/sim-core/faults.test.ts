import { describe, expect, test } from 'vitest'
import type { Faults, Sim, SimPerson } from '../../src/testing/sim/types.ts'
import { say, textsOf, world } from './world.ts'

const kinds = (sim: Sim): Record<string, number> => {
  const count: Record<string, number> = {}
  for (const line of sim.trace.lines()) {
    const kind = line.split(' ')[1] as string
    count[kind] = (count[kind] ?? 0) + 1
  }
  return count
}

const words = (name: string, count: number) => Array.from({ length: count }, (_, index) => `${name} ${index}`)

/** Both write at the same time; everything must be there at both, once, each person's in the order of writing. */
const talk = async (sim: Sim, alice: SimPerson, bob: SimPerson, count: number): Promise<void> => {
  for (const index of words('', count).keys()) {
    await say(sim, alice.client, bob, `alice ${index}`)
    // One room: what becomes of two that are opened at once is another test's matter.
    await sim.until(async () => (await textsOf(bob.client)).length > 0)
    await say(sim, bob.client, alice, `bob ${index}`)
    await sim.run(sim.random.int(2_000))
  }
  const all = async (person: SimPerson) => (await textsOf(person.client)).length >= 2 * count
  await sim.until(async () => (await all(alice)) && (await all(bob)))
  await sim.settle()
  for (const { client } of [alice, bob]) {
    const texts = await textsOf(client)
    for (const name of ['alice', 'bob'])
      expect(texts.filter((text) => text.startsWith(name))).toEqual(words(name, count))
    expect(texts).toEqual(await textsOf(alice.client))
  }
}

const CASES: readonly (readonly [string, Partial<Faults>, seen: string])[] = [
  ['long and uneven delays', { delay: [0, 1_500] }, 'got'],
  ['frames that overtake others', { reordering: 0.3 }, 'got'],
  ['lost frames', { loss: 0.05 }, 'lost'],
  ['requests that arrive twice', { duplication: 0.2 }, 'twice'],
]

describe('two people understand each other', () => {
  test.each(CASES)('with %s', async (name, faults, seen) => {
    const sim = world(name)
    const [alice, bob] = [await sim.person('alice'), await sim.person('bob')]
    sim.network.faults(faults)
    await talk(sim, alice, bob, 5)
    expect(kinds(sim)[seen]).toBeGreaterThan(0)
  })

  test('with all of it, on one side only', async () => {
    const sim = world('one-sided')
    const [alice, bob] = [await sim.person('alice'), await sim.person('bob')]
    const where = { device: 'alice/1' }
    sim.network.faults({ delay: [0, 800], reordering: 0.1, loss: 0.05, duplication: 0.2 }, where)
    await talk(sim, alice, bob, 5)
    const broken = sim.trace.lines().filter((line) => / (lost|twice) /.test(line))
    expect(broken.length).toBeGreaterThan(0)
    expect(broken.filter((line) => !line.includes('alice/1>hub'))).toEqual([])
  })
})

test('a request can reach the relay a second time, on another connection, before its first copy', async () => {
  const sim = world('late')
  const hub = await sim.relay()
  const alice = await sim.person('alice', { connect: false })
  sim.network.faults({ duplication: 0.5 })
  const link = alice.device.link(hub)
  const ask = () =>
    link.request('relay.info', {}).then(
      () => true,
      () => false,
    )
  for (let asked = 0; asked < 40; asked++) await sim.finish(ask())
  await sim.run(10_000)
  const heard = sim.trace.lines().flatMap((line) => {
    const [, kind, who, , method] = line.split(' ')
    return kind === 'heard' && method === 'relay.info' ? [Number(who?.split('#')[1])] : []
  })
  expect(heard.length).toBeGreaterThanOrEqual(40)
  const overtaken = heard.filter((connection, index) => heard.slice(0, index).some((earlier) => earlier > connection))
  expect(overtaken.length).toBeGreaterThan(0)
  await sim.finish(link.close())
})

test('nothing passes a partition, and everything arrives after it', async () => {
  const sim = world('partition')
  const [alice, bob] = [await sim.person('alice'), await sim.person('bob')]
  await talk(sim, alice, bob, 1)
  sim.network.partition({ device: 'bob/1' })
  const from = sim.trace.length
  for (const index of [1, 2, 3]) await say(sim, alice.client, bob, `cut off ${index}`)
  await sim.run(3 * 60_000)
  const heard = sim.trace.lines().slice(from)
  expect(heard.filter((line) => / (got|heard|open|refused) bob\/1/.test(line))).toEqual([])
  expect(await textsOf(bob.client)).toHaveLength(2)
  // The heartbeat has found out, and the client tries again and again.
  expect(heard.filter((line) => line.includes(' dial bob/1')).length).toBeGreaterThan(2)
  sim.network.heal()
  await sim.until(async () => (await textsOf(bob.client)).length === 5, 60_000)
  expect((await textsOf(bob.client)).slice(2)).toEqual(['cut off 1', 'cut off 2', 'cut off 3'])
})

test('a short partition breaks no connection', async () => {
  const sim = world('short')
  const [alice, bob] = [await sim.person('alice'), await sim.person('bob')]
  await talk(sim, alice, bob, 1)
  const dials = () => sim.trace.lines().filter((line) => line.includes(' dial ')).length
  const before = dials()
  sim.network.partition()
  await say(sim, alice.client, bob, 'soon')
  await sim.run(4_000)
  expect(await textsOf(bob.client)).toHaveLength(2)
  sim.network.heal()
  await sim.until(async () => (await textsOf(bob.client)).length === 3, 2_000)
  expect(dials()).toBe(before)
})

test('nothing that was said is seen on the wire', async () => {
  const sim = world('plain')
  const seen: Buffer[] = []
  sim.onFrame(({ bytes }) => seen.push(Buffer.from(bytes)))
  const [alice, bob] = [await sim.person('alice'), await sim.person('bob')]
  await talk(sim, alice, bob, 2)
  const wire = Buffer.concat(seen)
  expect(wire.length).toBeGreaterThan(10_000)
  expect(wire.includes('topic.publish')).toBe(true)
  expect(wire.includes('alice 1')).toBe(false)
})
