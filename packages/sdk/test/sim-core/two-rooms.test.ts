import { expect, test } from 'vitest'
import type { SimPerson } from '../../src/testing/sim/types.ts'
import { world } from './world.ts'

const SEEDS = Array.from({ length: Number(process.env.SIM_RUNS ?? 6) }, (_, index) => `two rooms ${index}`)

/** The words of the direct message at one person, with what became of the own ones. */
const wordsAt = async ({ client }: SimPerson, peer: SimPerson) => {
  const { id } = await client.conversations.dm(peer.identity.address)
  const { items } = await client.messages.list(id, { limit: 1_000 })
  return items
    .flatMap((item) => (item.content.type === 'text' ? [{ ...item, text: item.content.text }] : []))
    .sort((a, b) => (a.position ?? 0) - (b.position ?? 0))
}

test.each(SEEDS)('both open a direct message at once while links break and devices die: %s', async (seed) => {
  const sim = world(seed)
  const [alice, bob] = [await sim.person('alice'), await sim.person('bob')]
  const pairs = [
    [alice, bob],
    [bob, alice],
  ] as const
  sim.network.faults({ delay: [0, 400], loss: 0.03, duplication: 0.05 })
  for (let round = 0; round < 6; round++) {
    for (const [from, to] of pairs) {
      if (!from.device.isUp) continue
      const write = async () => {
        const { id } = await from.client.conversations.dm(to.identity.address)
        await from.client.messages.send(id, `${from.device.name} ${round}`)
      }
      await sim.finish(write(), 60_000)
      if (sim.random.int(4) === 0) from.device.crash()
    }
    await sim.run(sim.random.int(3_000))
    for (const { device } of [alice, bob]) if (!device.isUp) await device.restart()
  }
  sim.network.faults({ delay: [1, 20], loss: 0, duplication: 0 })
  await sim.run(120_000)
  await sim.settle()
  const [hers, his] = [await wordsAt(alice, bob), await wordsAt(bob, alice)]
  for (const [own, other] of [
    [hers, his],
    [his, hers],
  ] as const)
    for (const { own: isOwn, state, id } of own) {
      if (!isOwn) continue
      expect(['sent', 'delivered', 'read', 'failed']).toContain(state)
      expect(other.filter((item) => item.id === id)).toHaveLength(state === 'failed' ? 0 : 1)
    }
  const sent = (items: typeof hers) => items.filter(({ state }) => state !== 'failed').map(({ text }) => text)
  expect(sent(hers)).toEqual(sent(his))
})
