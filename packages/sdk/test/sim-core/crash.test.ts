import { expect, test } from 'vitest'
import type { MemoryData } from '../../../relay/src/store/memory.ts'
import { say, textsOf, world } from './world.ts'

const SEEDS = ['1', '2', '3', '4', '5', '6']

test.each(SEEDS)('what a device acknowledged outlives its crashes at any moment (seed %s)', async (seed) => {
  const sim = world(`device ${seed}`)
  const [alice, bob] = [await sim.person('alice'), await sim.person('bob')]
  const acknowledged: string[] = []
  for (let index = 0; index < 6; index++) {
    const text = `kept ${index}`
    await say(sim, alice.client, bob, text)
    acknowledged.push(text)
    await sim.run(sim.random.int(80))
    const { device } = sim.random.pick([alice, bob])
    device.crash()
    await sim.run(sim.random.int(2_000))
    await device.restart()
  }
  await sim.until(async () => (await textsOf(bob.client)).length === acknowledged.length)
  await sim.settle()
  expect(await textsOf(bob.client)).toEqual(acknowledged)
  expect(await textsOf(alice.client)).toEqual(acknowledged)
})

test.each(SEEDS)('what a relay acknowledged outlives its crashes at any moment (seed %s)', async (seed) => {
  const sim = world(`relay ${seed}`)
  const hub = await sim.relay()
  const [alice, bob] = [await sim.person('alice'), await sim.person('bob')]
  const texts: string[] = []
  for (let index = 0; index < 5; index++) {
    texts.push(`kept ${index}`)
    await say(sim, alice.client, bob, `kept ${index}`)
    await sim.run(sim.random.int(120))
    hub.crash()
    expect(hub.isUp).toBe(false)
    await sim.run(sim.random.int(2_000))
    await hub.restart()
  }
  const states = async () => {
    const [chat] = (await alice.client.conversations.list()).items
    const { items } = await alice.client.messages.list(chat?.id as never, { after: '0' })
    return items.map(({ state }) => state)
  }
  await sim.until(async () => (await textsOf(bob.client)).length === texts.length)
  await sim.settle()
  expect(await textsOf(bob.client)).toEqual(texts)
  expect(await states()).toEqual(texts.map(() => 'delivered'))
})

test('no call of a dead client settles and nothing of it leaves', async () => {
  const sim = world('dead')
  const [alice, bob] = [await sim.person('alice'), await sim.person('bob')]
  const chat = await sim.finish(alice.client.conversations.dm(bob.identity.address))
  await sim.settle()
  const { client } = alice
  const calls = [chat.send('too late'), client.conversations.list(), client.sync()]
  let settled = 0
  for (const call of calls) call.finally(() => settled++).catch(() => undefined)
  alice.device.crash({ silent: true })
  expect(() => alice.client).toThrow('down')
  const from = sim.trace.length
  await sim.run(120_000)
  expect(settled).toBe(0)
  expect(
    sim.trace
      .lines()
      .slice(from)
      .filter((line) => / (dial|send|log) alice/.test(line)),
  ).toEqual([])
})

test('a transaction in flight at the crash is in or out as a whole, by the seed', async () => {
  const outcomes = new Set<string>()
  for (const seed of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']) {
    const sim = world(seed, { disk: [5, 5] })
    const alice = await sim.person('alice', { connect: false })
    const bob = await sim.person('bob', { connect: false })
    const chat = await sim.finish(alice.client.conversations.dm(bob.identity.address))
    void chat.send('perhaps')
    await sim.run(2)
    alice.device.crash()
    await alice.device.restart({ connect: false })
    const texts = await textsOf(alice.client)
    const conversation = await alice.client.conversations.get(chat.id)
    // The message and the conversation's last message were written in one transaction.
    expect(conversation?.lastMessage?.preview).toBe(texts[0])
    outcomes.add(texts.join())
    // A sealed store opens for whoever looks, up or down.
    expect(await alice.device.records.read((tx) => tx.get('conversations', chat.id))).toBeDefined()
  }
  expect(outcomes).toEqual(new Set(['', 'perhaps']))
})

test('of a killed relay the store holds what was durable: an entry that was told to anybody is there', async () => {
  for (const seed of ['a', 'b', 'c']) {
    const sim = world(`durable ${seed}`, { disk: [20, 40] })
    const hub = await sim.relay()
    const [alice, bob] = [await sim.person('alice'), await sim.person('bob')]
    await say(sim, alice.client, bob, 'first')
    await sim.settle()
    await say(sim, alice.client, bob, 'second')
    const stored = () => {
      const { topics } = hub.disk as MemoryData
      return [...topics.values()].reduce((sum, topic) => sum + topic.entries.size, 0)
    }
    const before = stored()
    let told = 0
    sim.onFrame(({ from, type }) => {
      if (from === 'hub' && type === 'item') told++
    })
    await sim.run(sim.random.int(150))
    hub.crash()
    await sim.run(10)
    if (told > 0) expect(stored()).toBeGreaterThan(before)
    await hub.restart()
    await sim.until(async () => (await textsOf(bob.client)).length === 2)
    expect(await textsOf(bob.client)).toEqual(['first', 'second'])
  }
})
