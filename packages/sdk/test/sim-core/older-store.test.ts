import { expect, test } from 'vitest'
import type { JobRecord } from '../../src/client/records.ts'
import type { SimPerson, SimRelay } from '../../src/testing/sim/types.ts'
import { acquainted, agree, isAt, say } from './hubs-support.ts'

const announcements = async ({ device }: SimPerson) => {
  const rows = await device.records.read((tx) => tx.page<JobRecord>('jobs', { scope: 'all', limit: 1_000 }))
  return rows.flatMap(({ value }) => (value.kind === 'announce' ? [value] : []))
}

/** Stores them as a version did that did not keep the first commit. */
const age = async ({ device }: SimPerson, jobs: Awaited<ReturnType<typeof announcements>>) =>
  device.records.write(async (tx) => {
    for (const { first: _, ...older } of jobs)
      tx.put('jobs', { key: older.key, scope: 'all', position: older.ordinal, value: older })
  })

test('whoever came back is led to the next hub by members whose stores an earlier version wrote, and nothing waits for ever', async () => {
  const group = await acquainted('older store', ['ann', 'ben', 'cid'])
  const { sim, relays, people, chat } = group
  const [ann, ben, cid] = people as [SimPerson, SimPerson, SimPerson]
  const [one, two] = relays as [SimRelay, SimRelay]
  cid.device.crash()
  one.crash({ silent: false })
  for (const person of [ann, ben]) await isAt(group, person, two)
  await say(group, ben, 'elsewhere')
  await sim.run(5_000)
  for (const person of [ann, ben]) {
    const jobs = await announcements(person)
    expect(jobs).toMatchObject([{ first: { reference: expect.any(Uint8Array) } }])
    await person.device.stop()
    await age(person, jobs)
    expect((await announcements(person)).map(({ first }) => first)).toEqual([undefined])
  }
  await one.restart()
  for (const { device } of [ann, ben]) await device.restart()
  await sim.run(60_000)
  for (const person of [ann, ben]) expect(await announcements(person)).toEqual([])
  await cid.device.restart()
  await agree(group, ['before', 'elsewhere'])
  expect((await cid.client.groups.info(chat)).hub).toBe(two.url)
})
