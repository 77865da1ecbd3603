import { describe, expect, test } from 'vitest'
import type { Client } from '../../src/index.ts'
import type { SimPerson } from '../../src/testing/sim/types.ts'
import { company } from './hubs-support.ts'
import { say, textsOf, world } from './world.ts'

/** So many frames pass before the first commit of a new group is there, or somebody has read the first entry of theirs. */
const FRAMES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]

/** ms in which `sync` ends, whatever the relay does. */
const BOUND = 30_000

/** The relay `one` falls silent for a device, links stand, after so many frames more that it sent there. */
const silentAfter = (sim: ReturnType<typeof world>, device: string, frames: number): void => {
  let sent = 0
  const stop = sim.onFrame(({ from, to }) => {
    if (from !== device || to !== 'one' || ++sent <= frames) return
    stop()
    sim.network.partition({ device, relay: 'one' })
  })
}

/** How `sync` ends: it names the relay, or there was nothing to ask it, or the link to it was given up meanwhile. */
const endsOf = async (sim: ReturnType<typeof world>, client: Client): Promise<string> => {
  const work = client.sync().then(
    () => 'done',
    ({ code, details }) => `${code} ${details.relay}`,
  )
  return sim.finish(work, BOUND)
}
const NAMED = 'transport/unreachable ws://one.sim'

describe('a relay that accepts links and says nothing any more', () => {
  test.each(FRAMES)('while a group is opened there, holds up nothing else: after %i frames', async (frames) => {
    const { sim, people } = await company(world(`opened ${frames}`), ['ann', 'ben'], ['one', 'two'])
    const [ann, ben] = people as [SimPerson, SimPerson]
    await sim.settle()
    silentAfter(sim, 'ann/1', frames)
    void ann.client.groups.create({ name: 'New', people: [ben.identity.address] }).catch(() => undefined)
    expect(await endsOf(sim, ann.client)).toBe(NAMED)
    // The heartbeat has found it out by then: it is away like any other.
    await sim.run(60_000)
    expect(await endsOf(sim, ann.client)).toBe('done')
  })

  test.each(FRAMES)('while somebody enters there, neither: after %i frames', async (frames) => {
    const { sim, people, relays } = await company(world(`entered ${frames}`), ['ann', 'ben'], ['one', 'two'])
    const [ann] = people as [SimPerson]
    const cid = await sim.person('cid', { relays })
    const { id } = await sim.finish(
      ann.client.groups.create({ name: 'New', people: [cid.identity.address], relays: [relays[0]?.url as never] }),
    )
    await sim.until(async () => (await cid.client.conversations.get(id))?.state === 'invited')
    await sim.settle()
    silentAfter(sim, 'cid/1', frames)
    void cid.client.groups.accept(id).catch(() => undefined)
    expect(await endsOf(sim, cid.client)).toBe(NAMED)
    await sim.run(60_000)
    // Once it has taken the answer, words may be queued that nobody else can take.
    expect(await endsOf(sim, cid.client)).toBe([8, 9].includes(frames) ? NAMED : 'done')
  })

  test('keeps nothing of the others back: what they hold is there when `sync` names it, and `connect` does not mind', async () => {
    const sim = world('silent beside')
    const [one, two] = [await sim.relay('one'), await sim.relay('two')]
    const ann = await sim.person('ann', { relays: [two] })
    const ben = await sim.person('ben', { relays: [two, one] })
    await say(sim, ann.client, ben, 'first')
    await sim.until(async () => (await textsOf(ben.client)).length === 1)
    await sim.settle()
    await ben.device.stop()
    await say(sim, ann.client, ben, 'while you were away')
    await sim.settle()
    // Its link comes up, and then nothing comes.
    let frames = 0
    const stop = sim.onFrame(({ from, to, type }) => {
      if (from !== 'one' || to !== 'ben/1' || type !== 'welcome') return
      frames += 1
      sim.network.partition({ device: 'ben/1', relay: 'one' })
    })
    const client = await ben.device.restart({ connect: false })
    await sim.finish(client.connect(), BOUND)
    expect(frames).toBeGreaterThan(0)
    expect(await textsOf(client)).toEqual(['first', 'while you were away'])
    stop()
  })

  test('is shown as away from the time on at which its silence was noticed, until it answers again', async () => {
    const sim = world('silent and shown')
    const [one, two] = [await sim.relay('one'), await sim.relay('two')]
    const ann = await sim.person('ann', { relays: [one, two] })
    const problemAt = async () => (await ann.client.links.health()).map(({ problem }) => problem)
    expect(await problemAt()).toEqual([undefined, undefined])
    sim.network.partition({ relay: 'one' })
    await sim.until(async () => (await problemAt())[0] === 'transport/unreachable', 90_000)
    // It is tried again and again meanwhile, for longer than between two tries.
    for (let second = 0; second < 120; second++) {
      expect(await problemAt()).toEqual(['transport/unreachable', undefined])
      await sim.run(1_000)
    }
    sim.network.heal()
    await sim.until(async () => (await problemAt())[0] === undefined)
  })
})
