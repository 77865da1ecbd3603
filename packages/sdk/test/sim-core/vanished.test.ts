import { describe, expect, test } from 'vitest'
import type { SimPerson, SimRelay } from '../../src/testing/sim/types.ts'
import { agree, askIn, type Company, isAt, say, together } from './hubs-support.ts'

type Four = [SimPerson, SimPerson, SimPerson, SimPerson]
type Three = [SimRelay, SimRelay, SimRelay]

const LONG = 15 * 60_000

describe('whoever had gone on alone, said so, and vanished before the hub knew of it', () => {
  /** Cid goes on at the second relay, asks Eve in there, where `asks`, and vanishes. */
  const vanished = async (what: string, asks: boolean): Promise<Company & { readonly eve: SimPerson }> => {
    const group = await together(what)
    const { sim, relays, people, chat } = group
    const [ann, , cid] = people as Four
    const [, two] = relays as Three
    await sim.finish(ann.client.groups.setRole(chat, cid.identity.address, 'admin'))
    await sim.run(2_000)
    const eve = await sim.person('eve', { relays })
    sim.network.partition({ device: 'cid/1', relay: 'one' })
    await isAt(group, cid, two, LONG)
    if (asks) {
      await askIn(group, cid, eve)
      await say(group, eve, 'new here')
    }
    await sim.run(5_000)
    cid.device.crash()
    return { ...group, eve }
  }

  test('the others come to those who were let in there', async () => {
    const group = await vanished('alone with one who is new', true)
    const { people, relays, eve } = group
    const [ann, ben, , dan] = people as Four
    const [, two] = relays as Three
    await say(group, ben, 'at the first')
    for (const person of [ann, ben, dan]) await isAt(group, person, two, 2 * LONG)
    await say(group, ann, 'together')
    await agree(group, ['before', 'new here', 'at the first', 'together'], LONG, [ann, ben, dan])
    await agree(group, ['new here', 'at the first', 'together'], LONG, [eve])
  })

  test('also where they have changed the group since, and the others cannot reach the hub', async () => {
    const group = await together('cut off from the hub')
    const { sim, people, relays, chat } = group
    const [ann, ben, cid, dan] = people as Four
    const [, two] = relays as Three
    for (const device of ['ben/1', 'cid/1']) sim.network.partition({ device, relay: 'one' })
    for (const person of [ben, cid]) await isAt(group, person, two, LONG)
    await say(group, ben, 'at the second')
    await sim.finish(ann.client.groups.rename(chat, 'At the first'))
    await say(group, dan, 'at the first')
    await sim.run(5_000)
    cid.device.crash()
    for (const person of [ann, dan]) await isAt(group, person, two, 2 * LONG)
    await agree(group, ['before', 'at the second', 'at the first'], LONG, [ann, ben, dan])
    for (const { client } of [ann, ben, dan])
      await sim.until(async () => (await client.groups.info(chat)).name === 'At the first', LONG)
  })

  test('and where nobody else is there, they stay, and can talk all the time', async () => {
    const group = await vanished('alone with nobody', false)
    const { sim, people, relays, chat } = group
    const [ann, ben, cid, dan] = people as Four
    const [one, two] = relays as Three
    await sim.finish(ann.client.groups.rename(chat, 'At the first'))
    const said = ['before']
    for (let minutes = 0; minutes < 40; minutes += 2) {
      said.push(`${minutes} minutes`)
      await say(group, ben, `${minutes} minutes`)
      await agree(group, said, 5_000, [ann, ben, dan])
      await sim.run(2 * 60_000)
    }
    expect((await dan.client.groups.info(chat)).hub).toBe(one.url)
    sim.network.heal()
    await cid.device.restart()
    for (const person of people) await isAt(group, person, two, LONG)
    await agree(group, said, LONG)
  })
})
