import { describe, expect, test } from 'vitest'
import { company } from './hubs-support.ts'
import { world } from './world.ts'

/** So many frames pass before the first commit of a new group is there, or somebody has read the first entry of theirs. */
const FRAMES = [0, 1, 2, 3, 4]

/** The relay `one` falls silent for a device, links stand, after so many frames more that it sent there. */
const silentAfter = (sim: ReturnType<typeof world>, device: string, frames: number): void => {
  let sent = 0
  const stop = sim.onFrame(({ from, to }) => {
    if (from !== device || to !== 'one' || ++sent <= frames) return
    stop()
    sim.network.partition({ device, relay: 'one' })
  })
}

describe('a relay that accepts links and says nothing any more', () => {
  test.each(FRAMES)('while a group is opened there, holds up nothing else: after %i frames', async (frames) => {
    const { sim, people } = await company(world(`opened ${frames}`), ['ann', 'ben'], ['one', 'two'])
    const [ann, ben] = people as [(typeof people)[number], (typeof people)[number]]
    await sim.settle()
    silentAfter(sim, 'ann/1', frames)
    void ann.client.groups.create({ name: 'New', people: [ben.identity.address] }).catch(() => undefined)
    await sim.run(30_000)
    expect(await sim.finish(ann.client.sync({ timeout: 90_000 }))).toBeUndefined()
  })

  test.each(FRAMES)('while somebody enters there, neither: after %i frames', async (frames) => {
    const { sim, people, relays } = await company(world(`entered ${frames}`), ['ann', 'ben'], ['one', 'two'])
    const [ann] = people as [(typeof people)[number]]
    const cid = await sim.person('cid', { relays })
    const { id } = await sim.finish(
      ann.client.groups.create({ name: 'New', people: [cid.identity.address], relays: [relays[0]?.url as never] }),
    )
    await sim.until(async () => (await cid.client.conversations.get(id))?.state === 'invited')
    await sim.settle()
    silentAfter(sim, 'cid/1', frames)
    void cid.client.groups.accept(id).catch(() => undefined)
    await sim.run(30_000)
    expect(await sim.finish(cid.client.sync({ timeout: 90_000 }))).toBeUndefined()
  })
})
