import { expect, test } from 'vitest'
import { say, textsOf, world } from './world.ts'

/** ms in which a hub that owes an entry is told of, and more (hostile-relays.md). */
const LONG_ENOUGH = 10 * 60_000

/** Times at which the hub was asked for an entry itself, beside its log as it comes. */
const asked = (lines: readonly string[]): number =>
  lines.filter((line) => line.includes(' heard ') && line.includes(' topic.read')).length

test('a hub is not said to withhold an entry that it has delivered and a slow disk has not taken in yet', async () => {
  const disk: [number, number] = [0, 3]
  const sim = world('slow disk', { disk })
  const [ann, ben] = [await sim.person('ann'), await sim.person('ben')]
  await say(sim, ann.client, ben, 'one')
  await sim.until(async () => (await textsOf(ben.client)).length === 1)
  await sim.settle()
  await ben.device.stop()
  await say(sim, ann.client, ben, 'two')
  await sim.settle()

  const client = await ben.device.restart({ connect: false })
  const faults: string[] = []
  const listen = async () => {
    for await (const event of client.events()) if (event.type === 'relay-fault') faults.push(event.code)
  }
  listen().catch(() => undefined)
  disk[0] = 90_000
  disk[1] = 100_000
  const from = sim.trace.length
  client.connect().catch(() => undefined)
  await sim.until(() => asked(sim.trace.lines().slice(from)) > 0, LONG_ENOUGH)
  expect(await textsOf(client)).toEqual(['one'])
  await sim.run(LONG_ENOUGH)
  expect(faults).toEqual([])
  disk[0] = 0
  disk[1] = 3
  await sim.until(async () => (await textsOf(client)).join() === 'one,two')
  expect((await client.links.health()).flatMap((relay) => relay.faults)).toEqual([])
})
