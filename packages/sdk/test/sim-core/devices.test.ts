import { expect, test } from 'vitest'
import { say, textsOf, world } from './world.ts'

test('a second device comes from the phrase and reads what is said from then on', async () => {
  const sim = world('second')
  const [alice, bob] = [await sim.person('alice'), await sim.person('bob')]
  await say(sim, alice.client, bob, 'before')
  await sim.settle()
  const laptop = await sim.device(bob, 'laptop')
  expect(laptop.client.address).toBe(bob.client.address)
  expect(laptop.client.device).not.toBe(bob.client.device)
  await sim.settle()
  await say(sim, alice.client, bob, 'after')
  await sim.until(async () => (await textsOf(laptop.client)).includes('after'))
})

test('people at two relays, and a raw link beside a client', async () => {
  const sim = world('relays')
  const [north, south] = [await sim.relay('north'), await sim.relay('south')]
  const alice = await sim.person('alice', { relays: [north] })
  const bob = await sim.person('bob', { relays: [south] })
  await sim.finish(bob.client.contacts.add(alice.client.invite()))
  await say(sim, bob.client, alice, 'over there')
  await sim.until(async () => (await textsOf(alice.client)).length === 1)
  const link = alice.device.link(south)
  const info = await sim.finish(link.request('relay.info', {}))
  expect(info.policy).toBe('open')
  await sim.finish(link.close())
})

test('a device that stops in good order is told apart from one that dies', async () => {
  const sim = world('stop')
  const [alice, bob] = [await sim.person('alice'), await sim.person('bob')]
  await sim.settle()
  await say(sim, alice.client, bob, 'last words')
  await alice.device.stop()
  expect(alice.device.isUp).toBe(false)
  // Closing brings out what is queued.
  await sim.until(async () => (await textsOf(bob.client)).length === 1, 10_000)
  await alice.device.restart()
  expect(await textsOf(alice.client)).toEqual(['last words'])
})
