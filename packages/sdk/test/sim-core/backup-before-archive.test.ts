import { expect, test } from 'vitest'
import type { Client } from '../../src/index.ts'
import { say, textsOf, world } from './world.ts'

const problems = (client: Client): string[] => {
  const told: string[] = []
  const listen = async () => {
    for await (const event of client.events()) if (event.type === 'problem') told.push(event.code)
  }
  listen().catch(() => undefined)
  return told
}

/** A device that has not been connected, and so has no key of the archive, makes a backup; then it goes on, and is lost. */
test('a backup from before the first archive key comes to a clear end, and the device serves', async () => {
  const sim = world('before the archive')
  const ann = await sim.person('ann', { connect: false })
  const [ben, cid] = [await sim.person('ben'), await sim.person('cid')]
  const relay = await sim.relay()
  const toBen = await sim.finish(ann.client.conversations.dm(ben.identity.address, { relays: [relay.url] }))
  const { id } = await sim.finish(toBen.send('is it there?'))
  const backup = await sim.finish(ann.device.backup())
  void ann.client.connect()
  await sim.until(async () => (await textsOf(ben.client)).length === 1)
  await say(sim, cid.client, ann, 'hello')
  await sim.until(async () => (await ann.client.conversations.list()).items.length === 2)
  await sim.settle()

  await sim.finish(ann.device.restore(backup))
  const again = await ann.device.restart({ connect: false })
  const told = problems(again)
  await sim.finish(again.connect(), 30_000)
  // The conversation was opened, as far as the archive may say: there is no second one of its name.
  await sim.until(async () => (await again.messages.get(id))?.state === 'failed')
  expect((await again.messages.get(id))?.failure).toBe('backup/older-than-archive')
  await sim.settle()
  expect(told).toContain('backup/older-than-archive')
  expect(await textsOf(ben.client)).toEqual(['is it there?'])
  // Nothing of it is tried again, now or later.
  const jobs = () => ann.device.records.read((tx) => tx.page<{ key: string }>('jobs', { scope: 'all', limit: 100 }))
  const open = (await jobs()).map(({ value }) => value.key).filter((key) => /^(read-archive|open|archive)/.test(key))
  expect(open).toEqual([])
  const count = told.length
  await sim.run(3_600_000)
  expect(told.length).toBe(count)

  // It is a device like any other.
  const dan = await sim.person('dan')
  await say(sim, again, dan, 'from the copy')
  await sim.until(async () => (await textsOf(dan.client)).join() === 'from the copy')
  // The phrase opens what the copy could not.
  const phone = await sim.device(ann, '2')
  await sim.until(async () => (await phone.client.conversations.list()).items.length === 3)
})
