import { expect, test } from 'vitest'
import { company } from './hubs-support.ts'
import { world } from './world.ts'

test('where the only hub of a conversation is gone, moving it and naming another one say what can be done', async () => {
  const { sim, people, relays, chat } = await company(world('only hub'), ['ann', 'ben'], ['one'])
  const [ann] = people as [(typeof people)[number]]
  const [one] = relays as [(typeof relays)[number]]
  const two = await sim.relay('two')
  await sim.finish(ann.client.homeRelays.add(two.url))
  const { conversations } = ann.client
  const told = {
    code: 'conversation/only-hub',
    details: { conversation: chat, relay: one.url, reason: 'does not answer' },
  }
  // While it is there, a relay that the conversation does not name is a mistake of the caller.
  await expect(sim.finish(conversations.moveTo(chat, two.url))).rejects.toMatchObject({
    code: 'usage/invalid-argument',
  })
  one.crash({ silent: false })
  await sim.run(1_000)
  // The link has just gone, and the client knows the conversation to its end.
  await expect(sim.finish(conversations.setHubs(chat, [one.url, two.url]))).rejects.toMatchObject(told)
  await expect(sim.finish(conversations.moveTo(chat, two.url))).rejects.toMatchObject(told)
  await ann.device.stop()
  const again = (await ann.device.restart()).conversations
  await expect(sim.finish(again.setHubs(chat, [one.url, two.url]))).rejects.toMatchObject(told)
  await expect(sim.finish(again.moveTo(chat, two.url))).rejects.toMatchObject(told)
  // It was not given up: when the hub is back, both are done.
  await one.restart()
  await sim.run(60_000)
  await sim.finish(again.setHubs(chat, [one.url, two.url]))
  await sim.finish(again.moveTo(chat, two.url))
  expect((await again.hubs(chat)).hub).toBe(two.url)
})
