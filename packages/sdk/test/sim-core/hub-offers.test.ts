import { expect, test } from 'vitest'
import type { Offer, OfferThreadId } from '../../src/records/offer.ts'
import type { Sim, SimPerson, SimRelay } from '../../src/testing/sim/types.ts'
import { toHex } from '../../src/util/bytes.ts'
import { acquainted, type Company, isAt, pair, say } from './hubs-support.ts'

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
  const group = await acquainted('two takers', ['ann', 'ben', 'cid', 'dan'])
  const { sim, people, relays, chat } = group
  const [ann, ben, cid, dan] = people as [SimPerson, SimPerson, SimPerson, SimPerson]
  const [, two] = relays as [SimRelay, SimRelay]
  const { offer } = await sim.finish(ann.client.offers.make(chat, { ...lamp, takers: 1 }, { wait: 'sent' }))
  await sim.settle()
  for (const device of ['cid/1', 'dan/1']) sim.network.partition({ device, relay: 'one' })
  await isAt(group, cid, two)
  await sim.finish(ben.client.offers.accept(offer, { wait: 'sent' }))
  await sim.finish(cid.client.offers.accept(offer, { wait: 'sent' }))
  await sim.settle()
  sim.network.heal()
  await isAt(group, ann, two)
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
  const group = await pair('withdrawn there')
  const { sim, relays, people, chat } = group
  const [ann, ben] = people as [SimPerson, SimPerson]
  const [, two] = relays as [SimRelay, SimRelay]
  const { offer } = await sim.finish(ann.client.offers.make(chat, { ...lamp, revocable: true }, { wait: 'sent' }))
  await sim.settle()
  sim.network.partition({ device: 'ben/1', relay: 'one' })
  await isAt(group, ben, two)
  await sim.finish(ann.client.offers.withdraw(offer, { wait: 'sent' }))
  await sim.finish(ben.client.offers.accept(offer, { wait: 'sent' }))
  await sim.settle()
  sim.network.heal()
  await isAt(group, ann, two)
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
  const group = await acquainted('made elsewhere', ['ann', 'ben', 'cid', 'dan'], ['one', 'two', 'three'])
  const { sim, people, relays, chat } = group
  const [ann, ben, cid, dan] = people as [SimPerson, SimPerson, SimPerson, SimPerson]
  const [one, two, three] = relays as [SimRelay, SimRelay, SimRelay]
  for (const device of ['cid/1', 'dan/1']) sim.network.partition({ device, relay: 'two' })
  for (const device of ['ann/1', 'ben/1']) sim.network.partition({ device, relay: 'three' })
  one.crash({ silent: false })
  await isAt(group, ann, two)
  await isAt(group, cid, three)
  await say(group, ben, 'at the second')
  const { offer } = await sim.finish(dan.client.offers.make(chat, { ...lamp, takers: 1 }, { wait: 'sent' }))
  await sim.settle()
  await sim.finish(cid.client.offers.accept(offer, { wait: 'sent' }))
  await sim.settle()
  // The proposal is said again before it is accepted again.
  for (const person of [ann, ben, dan, cid]) {
    sim.network.heal({ device: person.device.name })
    await isAt(group, person, two, 15 * 60_000)
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
