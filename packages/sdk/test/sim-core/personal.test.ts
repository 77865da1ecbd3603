import { expect, test } from 'vitest'
import type { Client, ConversationId } from '../../src/index.ts'
import type { Sim, SimDevice } from '../../src/testing/sim/types.ts'
import { some } from '../long.ts'
import { say, world } from './world.ts'

const YEAR = 366 * 24 * 3_600_000
const SETTINGS = [
  { typing: false },
  { presence: false },
  { reports: 'never' },
  { notify: 'none' },
  { typing: true },
] as const

const viewOf = async (client: Client): Promise<string> => {
  const { items } = await client.conversations.list()
  const chats = items.map(({ id, draft, pinned, archived, unread }) => ({ id, draft, pinned, archived, unread }))
  const contacts = (await client.contacts.list()).map(({ address, name }) => ({ address, name }))
  return JSON.stringify([
    await client.settings.get(),
    chats.sort((a, b) => (a.id < b.id ? -1 : 1)),
    contacts.sort((a, b) => (a.address < b.address ? -1 : 1)),
  ])
}

/** Something that a person does to its own state. */
const change = async (sim: Sim, { client }: SimDevice, chats: readonly ConversationId[], n: number): Promise<void> => {
  const chat = sim.random.pick(chats)
  const acts: readonly (() => Promise<unknown>)[] = [
    () => client.conversations.setPinned(chat, sim.random.chance(0.7)),
    () => client.conversations.setArchived(chat, sim.random.chance(0.5)),
    () => client.conversations.setDraft(chat, sim.random.chance(0.7) ? { text: `words ${n}` } : undefined),
    () => client.conversations.markRead(chat),
    () => client.settings.set(sim.random.pick(SETTINGS)),
  ]
  await sim.finish(sim.random.pick(acts)())
}

test.each(some([1, 2, 3, 4], 2))(
  'devices of one person, with wrong clocks, broken links, crashes and an old backup, come to the same state (personal %i)',
  async (seed) => {
    const sim = world(`personal ${seed}`)
    const reused: string[] = []
    sim.onReuse((device) => reused.push(device))
    const [alice, bob, carol] = [await sim.person('alice'), await sim.person('bob'), await sim.person('carol')]
    await say(sim, alice.client, bob, 'hello')
    await say(sim, carol.client, bob, 'hello too')
    await sim.settle()
    const chats = (await bob.client.conversations.list()).items.map(({ id }) => id)
    for (const chat of chats) await sim.finish(bob.client.conversations.markRead(chat))
    const laptop = await sim.device(bob, 'laptop')
    await sim.settle()
    const tablet = await sim.device(bob, 'tablet')
    await sim.settle()
    const devices = [bob.device, laptop, tablet]
    laptop.setClock(-3 * YEAR)
    tablet.setClock(5 * YEAR)
    expect(chats).toHaveLength(2)
    const backup = await bob.device.backup()
    for (let round = 0; round < 24; round++) {
      if (round === 16) await bob.device.restore(backup)
      const device = sim.random.pick(devices)
      if (!device.isUp) {
        await device.restart()
        continue
      }
      const what = sim.random.int(20)
      if (what < 2) device.crash()
      else if (what < 4) sim.network.partition({ device: device.name })
      else if (what < 6) sim.network.heal()
      else if (what < 8) await say(sim, sim.random.pick([alice, carol]).client, bob, `more ${round}`)
      else await change(sim, device, chats, round)
      if (sim.random.chance(0.3)) await sim.run(sim.random.between(100, 20_000))
    }
    sim.network.heal()
    for (const device of devices) if (!device.isUp) await device.restart()
    // Who started behind a broken link has not come to its relay yet.
    for (const { client } of devices) await sim.finish(client.connect())
    const agree = async () => new Set(await Promise.all(devices.map(({ client }) => viewOf(client)))).size === 1
    await sim.until(agree, 30 * 60_000)
    await sim.settle()
    expect(await agree()).toBe(true)
    expect(reused).toEqual([])
  },
)
