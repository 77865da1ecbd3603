import { expect, test } from 'vitest'
import { simulatedRelay } from '../../../relay/src/testing/simulated-relay.ts'
import { say, textsOf, world } from './world.ts'

const DAY = 24 * 3_600_000
const MINUTES = 10 * 60_000

const times = (lines: readonly string[], part: string) =>
  lines.filter((line) => line.includes(part)).map((line) => Number(line.split(' ')[0]))

test('time stands still until somebody waits, and an hour takes no hour', async () => {
  const sim = world('still')
  const began = sim.now()
  await sim.person('alice', { connect: false })
  const after = sim.now()
  await new Promise((resolve) => setImmediate(resolve))
  expect(sim.now()).toBe(after)
  await sim.run(3_600_000)
  expect(sim.now()).toBe(after + 3_600_000)
  expect(sim.now()).toBeGreaterThan(began)
})

test('reconnects come at growing pauses, up to half a minute, and end with the relay', async () => {
  const sim = world('backoff')
  const hub = await sim.relay()
  await sim.person('alice')
  await sim.run(20_000)
  hub.crash({ silent: false })
  const from = sim.trace.length
  await sim.run(5 * 60_000)
  const dials = times(sim.trace.lines().slice(from), ' dial alice/1')
  const pauses = dials.slice(1).map((at, index) => at - (dials[index] as number))
  expect(pauses.length).toBeGreaterThan(8)
  expect(pauses[0]).toBeLessThan(2_500)
  expect(Math.max(...pauses)).toBeGreaterThan(14_000)
  expect(Math.max(...pauses)).toBeLessThan(31_000)
  await hub.restart()
  await sim.run(40_000)
  expect(times(sim.trace.lines(), ' open alice/1')).toHaveLength(2)
})

test('members renew their keys every week without being asked', async () => {
  const sim = world('week', { heartbeat: MINUTES, relay: simulatedRelay({ heartbeat: MINUTES }) })
  const [alice, bob] = [await sim.person('alice'), await sim.person('bob')]
  await say(sim, alice.client, bob, 'hello')
  await sim.run(2 * DAY)
  const from = sim.trace.length
  await sim.run(8 * DAY)
  const published = sim.trace
    .lines()
    .slice(from)
    .filter((line) => line.includes('request topic.publish') && line.includes(' heard '))
  expect(published.some((line) => line.includes('alice/1'))).toBe(true)
  expect(published.some((line) => line.includes('bob/1'))).toBe(true)
  await say(sim, bob.client, alice, 'still here')
  await sim.until(async () => (await textsOf(alice.client)).length === 2)
})

test('a wrong clock is its own device alone', async () => {
  const sim = world('skew')
  const alice = await sim.person('alice', { clockError: -3_600_000 })
  const bob = await sim.person('bob')
  expect(alice.device.clock.now()).toBe(sim.now() - 3_600_000)
  expect(bob.device.clock.now()).toBe(sim.now())
  await say(sim, alice.client, bob, 'what time is it?')
  await sim.until(async () => (await textsOf(bob.client)).length === 1)
})

test('waiting for something that never happens ends by simulated time', async () => {
  const sim = world('never')
  await expect(sim.finish(new Promise(() => undefined), 5_000)).rejects.toThrow('5000 ms')
  await expect(sim.until(() => false, 1_000)).rejects.toThrow('1000 ms')
})

test('several may wait at once, and each goes on at its own time', async () => {
  const sim = world('many')
  const began = sim.now()
  const order: string[] = []
  const actor = async (name: string, pause: number) => {
    for (let step = 0; step < 3; step++) {
      await sim.run(pause)
      order.push(`${name} ${sim.now() - began}`)
    }
  }
  await Promise.all([actor('slow', 70), actor('fast', 30)])
  expect(order).toEqual(['fast 30', 'fast 60', 'slow 70', 'fast 90', 'slow 140', 'slow 210'])
})
