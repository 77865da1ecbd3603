import { expect, test } from 'vitest'
import type { Client, ConversationId } from '../../src/index.ts'
import type { SimPerson } from '../../src/testing/sim/types.ts'
import { LONG } from '../long.ts'
import { say, world } from './world.ts'

/** ms after which a device is lost that opens a conversation, each of its frames taking a second. */
const MOMENTS = LONG ? Array.from({ length: 26 }, (_, at) => 500 + at * 1_000) : [500, 9_500, 12_500, 16_500, 19_500]

/**
 * A backup has the name of a conversation that is still to be opened; its device opens it, is lost at some moment, and what
 * it had sent arrives all the same. Its successor, over a quick link, comes from the backup.
 */
const lostWhileOpening = async (
  seed: string,
  at: number,
  begin: (ann: Client, ben: SimPerson) => Promise<ConversationId>,
) => {
  const sim = world(seed)
  const [ann, ben, cid] = [await sim.person('ann'), await sim.person('ben'), await sim.person('cid')]
  await say(sim, ann.client, cid, 'hello')
  await sim.settle()
  const hub = await sim.relay()
  hub.crash({ silent: false })
  await sim.run(500)
  const id = await sim.finish(begin(ann.client, ben))
  const backup = await sim.finish(ann.device.backup())
  expect((await ann.client.conversations.get(id))?.state).toBe('opening')
  sim.network.faults({ delay: [1_000, 1_000] }, { device: ann.device.name })
  await hub.restart()
  await sim.run(at)
  sim.network.faults({ delay: [5, 10] }, { device: ann.device.name })
  await sim.finish(ann.device.restore(backup))
  await ann.device.restart()
  await sim.settle()
  return { sim, ann, ben, id }
}

const textsIn = async ({ client }: SimPerson, id: ConversationId): Promise<string[]> => {
  const { items } = await client.messages.list(id, { after: '0' })
  return items.flatMap(({ content }) => (content.type === 'text' ? [content.text] : []))
}

const stateAt = async ({ client }: SimPerson, id: ConversationId) => (await client.conversations.get(id))?.state

test.each(MOMENTS)('a group that a copy of the store knows by name is one group, lost after %i ms', async (at) => {
  const { sim, ann, ben, id } = await lostWhileOpening('group', at, async ({ groups }, { identity }) => {
    const { id } = await groups.create({ name: 'Group', people: [identity.address] })
    return id
  })
  // It was opened, and nobody was told: nobody lets her in, and she begins no second one.
  if ((await stateAt(ben, id)) === undefined) return expect(await stateAt(ann, id)).toBe('rejoining')
  await sim.finish(ben.client.groups.accept(id))
  await sim.until(async () => (await stateAt(ann, id)) === 'open')
  await sim.finish(ben.client.messages.send(id, 'here I am'))
  await sim.finish(ann.client.messages.send(id, 'welcome'))
  const hasAll = async (who: SimPerson) => (await textsIn(who, id)).sort().join() === 'here I am,welcome'
  await sim.until(async () => (await hasAll(ann)) && (await hasAll(ben)))
})

test.each(MOMENTS)('words that wait for a conversation arrive once, lost after %i ms', async (at) => {
  const { sim, ann, ben, id } = await lostWhileOpening('words', at, async ({ conversations }, { identity }) => {
    const chat = await conversations.dm(identity.address)
    await chat.send('first')
    return chat.id
  })
  // It was opened, and he was not told: they meet in what he opens.
  if ((await stateAt(ben, id)) === undefined) expect(await stateAt(ann, id)).toBe('rejoining')
  await say(sim, ben.client, ann, 'answer')
  await sim.until(async () => (await textsIn(ann, id)).includes('answer'))
  await sim.finish(ann.client.messages.send(id, 'thanks'))
  const hasAll = async (who: SimPerson) => (await textsIn(who, id)).sort().join() === 'answer,first,thanks'
  await sim.until(async () => (await hasAll(ann)) && (await hasAll(ben)))
})
