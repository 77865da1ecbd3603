import { expect, test } from 'vitest'
import { simulatedRelay } from '../../../relay/src/testing/simulated-relay.ts'
import type { Client, ClientEvent, RelayHealth } from '../../src/index.ts'
import type { Sim, SimRelay } from '../../src/testing/sim/types.ts'
import { say, textsOf, world } from './world.ts'

/** A world in which `choir` takes people by invitation until it is opened. */
const withChoir = (seed: string) => {
  let isOpen = false
  const sim = world(seed, {
    relay: (host) => simulatedRelay(host.name === 'choir' && !isOpen ? { policy: 'invitation' } : {})(host),
  })
  const opens = async (choir: SimRelay): Promise<void> => {
    isOpen = true
    await choir.stop()
    await choir.restart()
  }
  return { sim, opens }
}

const heard = (sim: Sim, client: Client, ...texts: readonly string[]) =>
  sim.until(async () => (await textsOf(client)).join() === texts.join())

const refusing = async (client: Client): Promise<readonly RelayHealth['relay'][]> =>
  (await client.links.health()).filter(({ uninvited }) => uninvited).map(({ relay }) => relay)

const admissions = (client: Client): ClientEvent[] => {
  const told: ClientEvent[] = []
  const listen = async () => {
    for await (const event of client.events()) if (event.type === 'relay-admission') told.push(event)
  }
  listen().catch(() => undefined)
  return told
}

const problems = (client: Client): string[] => {
  const told: string[] = []
  const listen = async () => {
    for await (const event of client.events()) if (event.type === 'problem') told.push(event.code)
  }
  listen().catch(() => undefined)
  return told
}

test.each([
  ['first', 0],
  ['last', 1],
])(
  'a home relay that asks for an invitation is done without, and is a home from then on: it stands %s',
  async (_, at) => {
    const { sim, opens } = withChoir(`uninvited ${at}`)
    const [choir, open] = [await sim.relay('choir'), await sim.relay('open')]
    const relays = at === 0 ? [choir, open] : [open, choir]
    const ann = await sim.person('ann', { relays, connect: false })
    const [told, wrong] = [admissions(ann.client), problems(ann.client)]
    await sim.finish(ann.client.connect())
    expect(told).toEqual([{ type: 'relay-admission', relay: choir.url, admitted: false }])
    expect(await refusing(ann.client)).toEqual([choir.url])
    const ben = await sim.person('ben', { relays: [open] })
    await say(sim, ben.client, ann, 'hello')
    await heard(sim, ann.client, 'hello')
    // What she opens is kept where she is known.
    const { id } = await sim.finish(ann.client.groups.create({ name: 'Choir', people: [ben.identity.address] }))
    await sim.until(async () => (await ben.client.conversations.get(id))?.state === 'invited')
    expect((await ann.client.conversations.hubs(id)).hubs).toEqual([open.url])
    await sim.run(5 * 60_000)
    expect(wrong).toEqual([])

    await opens(choir)
    // It is asked now and then, also where nobody does anything.
    await sim.until(() => told.length > 1, 3 * 3_600_000)
    expect(told.at(-1)).toEqual({ type: 'relay-admission', relay: choir.url, admitted: true })
    expect(await refusing(ann.client)).toEqual([])
    await sim.settle()
    // It serves alone now: for strangers, and for a new device that has the phrase.
    open.crash()
    const cid = await sim.person('cid', { relays: [choir] })
    await sim.finish(cid.client.contacts.add(ann.client.invite()))
    await say(sim, cid.client, ann, 'in the choir')
    await sim.until(async () => (await ann.client.conversations.list()).items.length === 3)
    await sim.run(60_000)
    ann.device.crash()
    const again = await sim.device(ann, '2', { relays: [choir] })
    await sim.until(async () => (await again.client.conversations.list()).items.length === 3)
    expect(wrong).toEqual([])
  },
)

test('shown an invitation, it is a home at once', async () => {
  const { sim, opens } = withChoir('uninvited join')
  const [choir, open] = [await sim.relay('choir'), await sim.relay('open')]
  const ann = await sim.person('ann', { relays: [open, choir] })
  const told = admissions(ann.client)
  await expect(sim.finish(ann.client.links.join(choir.url))).rejects.toMatchObject({ code: 'relay/not-invited' })
  expect(await refusing(ann.client)).toEqual([choir.url])
  await opens(choir)
  await sim.finish(ann.client.links.join(choir.url))
  expect(told).toEqual([{ type: 'relay-admission', relay: choir.url, admitted: true }])
  expect(await refusing(ann.client)).toEqual([])
  await sim.settle()
  open.crash()
  const ben = await sim.person('ben', { relays: [choir] })
  await sim.finish(ben.client.contacts.add(ann.client.invite()))
  await say(sim, ben.client, ann, 'hello')
  await heard(sim, ann.client, 'hello')
})

test('where every home relay asks for one, connecting says so, and says it again', async () => {
  const { sim } = withChoir('uninvited only')
  const choir = await sim.relay('choir')
  const ann = await sim.person('ann', { relays: [choir], connect: false })
  for (let times = 0; times < 2; times++)
    await expect(sim.finish(ann.client.connect())).rejects.toMatchObject({ code: 'relay/not-invited' })
  expect(await refusing(ann.client)).toEqual([choir.url])
})

test('a device from the phrase comes in by the relay that knows its person', async () => {
  const { sim } = withChoir('uninvited phrase')
  const [choir, open] = [await sim.relay('choir'), await sim.relay('open')]
  const ann = await sim.person('ann', { relays: [choir, open] })
  const ben = await sim.person('ben', { relays: [open] })
  await say(sim, ben.client, ann, 'hello')
  await heard(sim, ann.client, 'hello')
  await sim.settle()
  const phone = await sim.device(ann, '2', { relays: [choir, open] })
  await heard(sim, phone.client, 'hello')
  expect(await refusing(phone.client)).toEqual([choir.url])
})
