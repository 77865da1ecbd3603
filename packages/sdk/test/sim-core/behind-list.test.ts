import { expect, test } from 'vitest'
import type { SimPerson, SimRelay } from '../../src/testing/sim/types.ts'
import { acquainted, agree, isAt, say } from './hubs-support.ts'

test('whoever comes back to a hub that was left, and has its log still to read, looks into its list again behind that', async () => {
  const extra = ['eve', 'fay', 'gus', 'hal', 'ida', 'jim']
  const group = await acquainted('behind the list', ['ann', 'ben', 'cid', ...extra])
  const { sim, relays, people, chat } = group
  const [ann, ben, cid, ...others] = people as [SimPerson, SimPerson, SimPerson, ...SimPerson[]]
  const [one, two] = relays as [SimRelay, SimRelay]
  await sim.settle()
  sim.network.partition({ device: 'cid/1' })
  // Behind each removal a newer key has to be shown before he may read on.
  for (const { identity } of others) await sim.finish(ann.client.groups.remove(chat, [identity.address]))
  await say(group, ann, 'at the first')
  await sim.run(5_000)
  one.crash({ silent: false })
  for (const person of [ann, ben]) await isAt(group, person, two)
  await say(group, ben, 'at the second')
  await one.restart()
  await sim.run(60_000)
  sim.network.heal()
  await agree(group, ['before', 'at the first', 'at the second'], undefined, [ann, ben, cid])
  expect((await cid.client.groups.info(chat)).hub).toBe(two.url)
})
