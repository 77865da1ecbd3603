import { expect, test } from 'vitest'
import { simulatedRelay } from '../../../relay/src/testing/simulated-relay.ts'
import { createSim } from '../../src/testing/sim/create-sim.ts'
import type { Sim } from '../../src/testing/sim/types.ts'
import { say } from './world.ts'

const EVERYTHING = { delay: [1, 60], reordering: 0.1, loss: 0.02, duplication: 0.1 } as const

/** A restless afternoon of two people, as its trace. */
const afternoon = async (seed: string): Promise<{ hash: string; lines: readonly string[]; frames: string[] }> => {
  await using sim: Sim = createSim({ seed, relay: simulatedRelay(), faults: EVERYTHING })
  const frames: string[] = []
  sim.onFrame(({ at, from, to, bytes }) => frames.push(`${at} ${from} ${to} ${Buffer.from(bytes).toString('base64')}`))
  const hub = await sim.relay()
  const [alice, bob] = [await sim.person('alice'), await sim.person('bob')]
  for (let turn = 0; turn < 6; turn++) {
    const [from, to] = sim.random.shuffle([alice, bob])
    if (from && to) await say(sim, from.client, to, `turn ${turn}`)
    await sim.run(sim.random.int(3_000))
    const { device } = sim.random.pick([alice, bob])
    const what = sim.random.int(4)
    if (what === 0) device.crash()
    else if (what === 1) hub.crash()
    else if (what === 2) sim.network.partition({ device: device.name })
    await sim.run(sim.random.int(5_000))
    sim.network.heal()
    await hub.restart()
    await device.restart()
  }
  await sim.settle()
  return { hash: sim.trace.hash(), lines: sim.trace.lines(), frames }
}

test('one seed gives one trace, byte for byte, and the very same frames', async () => {
  const first = await afternoon('a')
  const second = await afternoon('a')
  expect(second.lines).toEqual(first.lines)
  expect(second.hash).toBe(first.hash)
  expect(second.frames.length).toBeGreaterThan(50)
  expect(second.frames).toEqual(first.frames)
  expect(first.lines.some((line) => line.includes(' crash '))).toBe(true)
})

test('another seed gives another trace', async () => {
  expect((await afternoon('a')).hash).not.toBe((await afternoon('b')).hash)
})
