import { expect, test } from 'vitest'
import { simulatedRelay } from '../../../relay/src/testing/simulated-relay.ts'
import { say, textsOf, world } from './world.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

test.each([
  ['100 days behind', -100 * DAY],
  ['three days ahead', 3 * DAY],
])('who came with a clock that was %s can be written to once it is right', async (name, error) => {
  const sim = world(name)
  const alice = await sim.person('alice')
  const bob = await sim.person('bob', { clockError: error })
  await sim.settle()
  bob.device.setClock(0)
  await sim.run(HOUR + 60_000)
  await say(sim, alice.client, bob, 'now')
  await sim.until(async () => (await textsOf(bob.client)).length === 1, 60_000)
  expect(await textsOf(bob.client)).toEqual(['now'])
})

test('a clock that is set right while a device is off is noticed when it comes back', async () => {
  const sim = world('off')
  const alice = await sim.person('alice')
  const bob = await sim.person('bob', { clockError: -100 * DAY })
  await sim.settle()
  await bob.device.stop()
  bob.device.setClock(0)
  await bob.device.restart()
  await sim.settle()
  await say(sim, alice.client, bob, 'now')
  await sim.until(async () => (await textsOf(bob.client)).length === 1, 60_000)
})

test('packages that grow old are replaced, though nobody took one and the client was never closed', async () => {
  const sim = world('old')
  const alice = await sim.person('alice')
  const bob = await sim.person('bob')
  await sim.settle()
  // Nothing happens for a quarter of a year and more: for both of them it is another day.
  for (const { device } of [alice, bob]) device.setClock(95 * DAY)
  await sim.run(HOUR + 60_000)
  await say(sim, alice.client, bob, 'still here?')
  await sim.until(async () => (await textsOf(bob.client)).length === 1, 60_000)
})

test('more people than a stock has packages are added while the client stays connected, each with one of its own', async () => {
  // They all come from one network address, which by default would get only some of them.
  const sim = world('stock', { relay: simulatedRelay({ limits: { claimsFrom: { perSecond: 1, burst: 100 } } }) })
  const bob = await sim.person('bob')
  await sim.settle()
  const link = bob.device.link(await sim.relay())
  const claim = async () => {
    const { packages } = await sim.finish(
      link.request('keys.claim', { address: bob.identity.address, suite: 'dm-xwing-aes256' }),
    )
    return packages.map(({ lastResort }) => lastResort)
  }
  for (let taken = 0; taken < 12; taken++) expect(await claim()).toEqual([false])
  expect(await claim()).toEqual([true])
  await sim.run(HOUR + 60_000)
  expect(await claim()).toEqual([false])
  await sim.finish(link.close())
})
