import { expect, test } from 'vitest'
import type { Offer, OfferThreadId } from '../../src/records/offer.ts'
import type { Sim, SimPerson } from '../../src/testing/sim/types.ts'
import { toHex } from '../../src/util/bytes.ts'
import { agree, type Company, company, say } from './hubs-support.ts'
import { world } from './world.ts'

const euro = (minor: number) => ({ minor: `${minor}`, currency: 'EUR', exponent: 2 })
const lamp = { items: [{ title: 'A lamp', unitPrice: euro(5_000) }], expiresIn: 86_400 }

const offerOf = async (sim: Sim, { client }: SimPerson, id: OfferThreadId): Promise<Offer> => {
  const offer = await sim.finish(client.offers.get(id))
  if (offer === undefined) throw new Error('there is no such offer')
  return offer
}

/** Everybody sees the offer in the same way, and goes on doing so. */
const oneOutcome = async ({ sim }: Company, people: readonly SimPerson[], id: OfferThreadId): Promise<Offer> => {
  let seen: readonly Offer[] = []
  for (let round = 0; round < 3; round++) {
    await sim.settle()
    await sim.run(60_000)
  }
  for (const person of people) seen = [...seen, await offerOf(sim, person, id)]
  for (const offer of seen) expect(offer).toEqual(seen[0])
  return seen[0] as Offer
}

/** The steps that count for nobody, as a person is shown them. */
const refusalsIn = async ({ chat }: Company, { client }: SimPerson) => {
  const { items } = await client.messages.list(chat, { limit: 100 })
  return items.flatMap(({ content }) =>
    content.type === 'offer' && content.refused !== undefined ? [[content.step, content.refused]] : [],
  )
}

test('a group’s offer with one taker is accepted on both sides of a partition: one has it, for everybody', async () => {
  const group = await company(world('two takers'), ['ann', 'ben', 'cid', 'dan'], ['one', 'two'])
  const { sim, people, relays, chat } = group
  const [ann, ben, cid, dan] = people as [SimPerson, SimPerson, SimPerson, SimPerson]
  await say(group, ben, 'here')
  await agree(group, ['here'])
  const { offer } = await sim.finish(ann.client.offers.make(chat, { ...lamp, takers: 1 }, { wait: 'sent' }))
  await sim.settle()
  for (const device of ['cid/1', 'dan/1']) sim.network.partition({ device, relay: 'one' })
  await sim.until(async () => (await cid.client.groups.info(chat)).hub === relays[1]?.url)
  await sim.finish(ben.client.offers.accept(offer, { wait: 'sent' }))
  await sim.finish(cid.client.offers.accept(offer, { wait: 'sent' }))
  await sim.settle()
  sim.network.heal()
  await sim.until(async () => (await ann.client.groups.info(chat)).hub === relays[1]?.url)
  const outcome = await oneOutcome(group, people, offer)
  // Where the conversation went on, she was first.
  expect(outcome).toMatchObject({ state: 'taken', deals: [{ state: 'agreed', takers: [cid.identity.address] }] })
  for (const person of [ann, ben, cid, dan]) expect(await refusalsIn(group, person)).toEqual([['accept', 'not_open']])
  const receipts = []
  for (const { client } of [ann, ben, cid, dan]) receipts.push(await sim.finish(client.offers.receipt(offer)))
  expect(new Set(receipts.map((receipt) => toHex(receipt))).size).toBe(1)
  const refused = ben.client.offers.accept(offer).then(String, (error: { code?: string }) => error.code)
  expect(await sim.finish(refused)).toBe('offer/not-open')
})

test('a direct message’s offer is accepted on one side and withdrawn on the other: one of them counts, for both', async () => {
  const sim = world('withdrawn there')
  const relays = [await sim.relay('one'), await sim.relay('two')]
  const [ann, ben] = [await sim.person('ann', { relays }), await sim.person('ben', { relays })]
  const { id: chat } = await sim.finish(ann.client.conversations.dm(ben.identity.address))
  const group = { sim, relays, people: [ann, ben], chat }
  await say(group, ann, 'hello')
  await agree(group, ['hello'])
  await say(group, ben, 'hello yourself')
  const { offer } = await sim.finish(ann.client.offers.make(chat, { ...lamp, revocable: true }, { wait: 'sent' }))
  await sim.settle()
  sim.network.partition({ device: 'ben/1', relay: 'one' })
  await sim.until(async () => (await ben.client.conversations.hubs(chat)).hub === relays[1]?.url)
  await sim.finish(ann.client.offers.withdraw(offer, { wait: 'sent' }))
  await sim.finish(ben.client.offers.accept(offer, { wait: 'sent' }))
  await sim.settle()
  sim.network.heal()
  await sim.until(async () => (await ann.client.conversations.hubs(chat)).hub === relays[1]?.url)
  const outcome = await oneOutcome(group, [ann, ben], offer)
  expect(outcome).toMatchObject({ state: 'taken', deals: [{ state: 'agreed' }] })
  for (const person of [ann, ben]) expect(await refusalsIn(group, person)).toEqual([['withdraw', 'not_open']])
  const [one, other] = [
    await sim.finish(ann.client.offers.receipt(offer)),
    await sim.finish(ben.client.offers.receipt(offer)),
  ]
  expect(toHex(one)).toBe(toHex(other))
})

test('an offer that was made and accepted on the side that does not stand counts from where it is said again', async () => {
  const group = await company(world('made elsewhere'), ['ann', 'ben', 'cid', 'dan'], ['one', 'two', 'three'])
  const { sim, people, relays, chat } = group
  const [ann, ben, cid, dan] = people as [SimPerson, SimPerson, SimPerson, SimPerson]
  await say(group, ben, 'here')
  await agree(group, ['here'])
  for (const device of ['cid/1', 'dan/1']) sim.network.partition({ device, relay: 'two' })
  for (const device of ['ann/1', 'ben/1']) sim.network.partition({ device, relay: 'three' })
  relays[0]?.crash({ silent: false })
  await sim.until(async () => (await ann.client.groups.info(chat)).hub === relays[1]?.url)
  await sim.until(async () => (await cid.client.groups.info(chat)).hub === relays[2]?.url)
  await say(group, ben, 'at the second')
  const { offer } = await sim.finish(dan.client.offers.make(chat, { ...lamp, takers: 1 }, { wait: 'sent' }))
  await sim.settle()
  await sim.finish(cid.client.offers.accept(offer, { wait: 'sent' }))
  await sim.settle()
  // The proposal is said again before it is accepted again.
  for (const person of [ann, ben, dan, cid]) {
    sim.network.heal({ device: person.device.name })
    await sim.until(async () => (await person.client.groups.info(chat)).hub === relays[1]?.url, 15 * 60_000)
    await sim.run(60_000)
  }
  const outcome = await oneOutcome(group, [ann, ben], offer)
  expect(outcome).toMatchObject({ state: 'taken', deals: [{ state: 'agreed', takers: [cid.identity.address] }] })
  const agreedAt = ({ deals }: Offer) => deals.map((deal) => deal.at)
  for (const person of [cid, dan]) {
    const seen = await offerOf(sim, person, offer)
    // They did not read all that was said there, and know it: nothing is said of the offer that others do not have.
    expect(seen).toMatchObject({ state: 'taken', incomplete: true })
    expect(agreedAt(seen)).toEqual(agreedAt(outcome))
  }
})
