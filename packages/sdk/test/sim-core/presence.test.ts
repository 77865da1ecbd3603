import { expect, test } from 'vitest'
import type { Client, PresenceEvent } from '../../src/index.ts'
import { say, world } from './world.ts'

/** What a client is told of somebody, from now on. */
const listen = ({ presence }: Client) => {
  const told: PresenceEvent[] = []
  const reading = async () => {
    for await (const event of presence.stream()) told.push(event)
  }
  reading().catch(() => undefined)
  return { told, types: () => told.map(({ type }) => type) }
}

/** Alice and Bob, who have both said something. */
const met = async (seed: string) => {
  const sim = world(seed)
  const [alice, bob] = [await sim.person('alice'), await sim.person('bob')]
  await say(sim, alice.client, bob, 'hello')
  await sim.run(10_000)
  await say(sim, bob.client, alice, 'hello')
  await sim.run(10_000)
  return { sim, alice, bob }
}

test('hours together change nothing; who is cut off, or dies, is gone within minutes, and seen again when back', async () => {
  const { sim, alice, bob } = await met('presence')
  const heard = listen(alice.client)
  listen(bob.client)
  await sim.run(10_000)
  expect(heard.types()).toEqual(['online'])
  // Of two beats in a row one arrives: a network that loses more than now and then is one that comes and goes.
  sim.network.faults({ delay: [5, 2_000], loss: 0.001, duplication: 0.05 })
  await sim.run(2 * 3_600_000)
  expect(heard.types()).toEqual(['online'])

  sim.network.faults({ delay: [5, 50], loss: 0, duplication: 0 })
  sim.network.partition({ device: 'bob/1' })
  await sim.run(160_000)
  expect(heard.types()).toEqual(['online', 'offline'])
  sim.network.heal()
  await sim.run(180_000)
  expect(heard.types()).toEqual(['online', 'offline', 'online'])

  bob.device.crash()
  await sim.run(240_000)
  expect(heard.types().slice(3)).toEqual(['offline'])
  const gone = heard.told.at(-1)
  await bob.device.restart()
  await sim.run(10_000)
  expect(await sim.finish(alice.client.presence.of(bob.identity.address))).toEqual({
    online: false,
    lastSeen: gone?.type === 'offline' ? gone.lastSeen : undefined,
  })
  listen(bob.client)
  await sim.run(30_000)
  expect(heard.types().slice(4)).toEqual(['online'])
})

test('typing reaches whoever listens, over a link that breaks; a clock that is hours wrong is not heard', async () => {
  const { sim, alice, bob } = await met('typing')
  const heard = listen(alice.client)
  await sim.run(5_000)
  const chat = await sim.finish(bob.client.conversations.dm(alice.identity.address))
  await sim.finish(bob.client.presence.typing(chat.id))
  await sim.run(1_000)
  expect(heard.types()).toEqual(['typing'])
  await sim.run(5_000)
  expect(heard.types()).toEqual(['typing', 'stopped'])
  sim.network.breakLinks()
  await sim.run(30_000)
  await sim.finish(bob.client.presence.typing(chat.id))
  await sim.run(500)
  await sim.finish(bob.client.presence.stopped(chat.id))
  await sim.run(500)
  expect(heard.types().slice(2)).toEqual(['typing', 'stopped'])

  bob.device.setClock(3_600_000)
  await sim.run(10_000)
  await sim.finish(bob.client.presence.typing(chat.id))
  await sim.run(10_000)
  expect(heard.types()).toHaveLength(4)
  bob.device.setClock(0)
  await sim.run(60_000)
  await sim.finish(bob.client.presence.typing(chat.id))
  await sim.run(1_000)
  expect(heard.types().slice(4)).toEqual(['typing'])
})

test('nothing is said behind a goodbye, at whatever moment it comes', async () => {
  const { sim, alice, bob } = await met('goodbye')
  sim.network.faults({ delay: [150, 150], loss: 0, duplication: 0 })
  const heard = listen(alice.client)
  // Whoever comes hears who is here, and answers some seconds after the own first sign of life.
  for (let wait = 4_000; wait < 6_500; wait += 50) {
    const before = heard.types().length
    listen(bob.client)
    for (let steps = 0; heard.types().length === before && steps < 1_200; steps++) await sim.run(50)
    await sim.run(wait)
    await bob.device.stop()
    await sim.run(2_000)
    expect([wait, ...heard.types().slice(before)]).toEqual([wait, 'online', 'offline'])
    await bob.device.restart()
  }
})

test('who begins anew without a goodbye is answered at once, and two who answer each other come to an end', async () => {
  const { sim, alice, bob } = await met('begins anew')
  listen(alice.client)
  listen(bob.client)
  await sim.run(30_000)
  // Both know each other by now, and neither has a sign to give for a while.
  bob.device.crash({ silent: false })
  const client = await bob.device.restart()
  const heard = listen(client)
  await sim.until(() => heard.types().includes('online'), 15_000)
  // Beats of two devices, an answer now and then: not one after the other.
  let signs = 0
  const stop = sim.onFrame(({ bytes }) => {
    if (Buffer.from(bytes).includes('signal.send')) signs += 1
  })
  await sim.run(10 * 60_000)
  stop()
  expect(signs).toBeGreaterThan(0)
  expect(signs).toBeLessThan(45)
})
