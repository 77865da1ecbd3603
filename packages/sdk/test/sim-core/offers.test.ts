import { expect, test } from 'vitest'
import type { Message } from '../../src/records/message.ts'
import type { Offer } from '../../src/records/offer.ts'
import type { Sim, SimPerson } from '../../src/testing/sim/types.ts'
import { world } from './world.ts'

const HOUR = 3_600_000
const euro = (minor: number) => ({ minor: `${minor}`, currency: 'EUR', exponent: 2 })
const lamp = { items: [{ title: 'A lamp', unitPrice: euro(5_000) }], expiresIn: 600 }

/** Ann and Ben, whose clocks may be wrong, in a conversation. */
const meet = async (seed: string, wrong: readonly [ann: number, ben: number] = [0, 0]) => {
  const sim = world(seed)
  const ann = await sim.person('ann', { clockError: wrong[0] })
  const ben = await sim.person('ben', { clockError: wrong[1] })
  const chat = await sim.finish(ann.client.conversations.dm(ben.identity.address))
  await sim.finish(chat.send('I have a lamp', { wait: 'delivered' }))
  return { sim, ann, ben, chat: chat.id }
}

const offerOf = (sim: Sim, { client }: SimPerson, id: string): Promise<Offer> =>
  sim.finish(
    client.offers.get(id).then((offer) => {
      if (offer === undefined) throw new Error('there is no such offer')
      return offer
    }),
  )

/** Both have read everything, and show one and the same. */
const agree = async (sim: Sim, people: readonly [SimPerson, SimPerson], id: string): Promise<Offer> => {
  await sim.settle()
  const [one, other] = [await offerOf(sim, people[0], id), await offerOf(sim, people[1], id)]
  expect(other).toEqual(one)
  return one
}

const failing = async (sim: Sim, work: Promise<unknown>): Promise<unknown> =>
  sim.finish(
    work.then(
      () => undefined,
      (error: { code?: unknown }) => error.code ?? error,
    ),
  )

const WRONG = [
  ['an hour fast, the other one slow', HOUR, -HOUR],
  ['an hour slow, the other one fast', -HOUR, HOUR],
  ['an hour fast, and so is the other', HOUR, HOUR],
  ['an hour slow, and so is the other', -HOUR, -HOUR],
] as const

test.each(WRONG)("one person's clock is %s: both agree on what expired", async (_, a, b) => {
  const { sim, ann, ben, chat } = await meet(`clocks ${a}`, [a, b])
  const early = await sim.finish(ann.client.offers.make(chat, lamp, { wait: 'sent' }))
  const late = await sim.finish(ann.client.offers.make(chat, lamp, { wait: 'sent' }))
  await sim.run(500_000)
  expect(await agree(sim, [ann, ben], early.offer)).toMatchObject({ state: 'open' })
  await sim.finish(ben.client.offers.accept(early.offer, { wait: 'sent' }))
  expect(await agree(sim, [ann, ben], early.offer)).toMatchObject({ state: 'taken', deals: [{ state: 'agreed' }] })
  await sim.run(200_000)
  expect(await agree(sim, [ann, ben], late.offer)).toMatchObject({ state: 'expired', deals: [] })
  expect(await failing(sim, ben.client.offers.accept(late.offer))).toBe('offer/expired')
})

test('an acceptance that comes out too late counts for nobody, and who made it is told', async () => {
  const { sim, ann, ben, chat } = await meet('too late')
  const { offer } = await sim.finish(ann.client.offers.make(chat, lamp, { wait: 'sent' }))
  await sim.run(590_000)
  sim.network.partition({ device: 'ben/1' })
  const accepted = ben.client.offers.accept(offer, { wait: 'sent', timeout: HOUR })
  const told = failing(sim, accepted)
  await sim.run(60_000)
  sim.network.heal()
  expect(await told).toBe('offer/expired')
  expect(await agree(sim, [ann, ben], offer)).toMatchObject({ state: 'expired', deals: [] })
})

test.each(['1', '2', '3', '4'])('an acceptance meets a withdrawal: one of them counts (%s)', async (seed) => {
  const { sim, ann, ben, chat } = await meet(`race ${seed}`)
  sim.network.faults({ delay: [10, 600] })
  const { offer, event } = await sim.finish(ann.client.offers.make(chat, lamp, { wait: 'sent' }))
  await sim.settle()
  const outcomes = await Promise.all([
    failing(sim, ann.client.offers.withdraw(offer, { head: event, wait: 'sent' })),
    failing(sim, ben.client.offers.accept(offer, { head: event, wait: 'sent' })),
  ])
  const stands = await agree(sim, [ann, ben], offer)
  expect(outcomes.filter((outcome) => outcome === undefined)).toHaveLength(1)
  expect(outcomes).toContain('offer/not-open')
  expect(stands.state).toBe(outcomes[0] === undefined ? 'withdrawn' : 'taken')
  expect(stands.deals).toHaveLength(outcomes[0] === undefined ? 0 : 1)
})

test('an acceptance waits for what is under way, and for none of the talk that its author had queued up', async () => {
  const { sim, ann, ben, chat } = await meet('talk')
  const { offer } = await sim.finish(ann.client.offers.make(chat, lamp, { wait: 'sent' }))
  await sim.settle()
  sim.network.partition({ device: 'ben/1' })
  // The first goes out at once, and is under way while the link is dead.
  const first = await sim.finish(ben.client.messages.send(chat, 'the first'))
  await sim.run(1_000)
  const talk: Message[] = []
  for (let i = 0; i < 200; i++) talk.push(await sim.finish(ben.client.messages.send(chat, `talk ${i}`)))
  const accepted = ben.client.offers.accept(offer, { wait: 'sent', timeout: HOUR })
  await sim.run(1_000)
  sim.network.heal()
  const { message } = await sim.finish(accepted)
  const states = await Promise.all(talk.map(async ({ id }) => (await sim.finish(ben.client.messages.get(id)))?.state))
  expect(new Set(states)).not.toContain('sent')
  await sim.settle()
  const order = (await sim.finish(ann.client.messages.list(chat, { limit: 500 }))).items.map(({ id }) => id).reverse()
  expect(order.slice(-202)).toEqual([first.id, message, ...talk.map(({ id }) => id)])
  expect(await agree(sim, [ann, ben], offer)).toMatchObject({ state: 'taken', deals: [{ state: 'agreed' }] })
})

test('what was looked at is what is answered: a newer offer is named, and nothing changes', async () => {
  const { sim, ann, ben, chat } = await meet('stale')
  const made = await sim.finish(ann.client.offers.make(chat, lamp, { wait: 'sent' }))
  await sim.settle()
  const counter = await sim.finish(
    ben.client.offers.counter(made.offer, { price: { total: euro(4_000) } }, { wait: 'sent' }),
  )
  await sim.settle()
  const stale = ann.client.offers.withdraw(made.offer, { head: made.event })
  await expect(sim.finish(stale)).rejects.toMatchObject({ code: 'offer/superseded', details: { head: counter.event } })
  expect(await failing(sim, ben.client.offers.accept(made.offer))).toBe('offer/not-yours')
  const offer = await agree(sim, [ann, ben], made.offer)
  expect(offer).toMatchObject({ state: 'open', head: counter.event, author: ben.identity.address })
  expect(offer.terms.price.lines.map(({ kind }) => kind)).toEqual(['goods', 'discount'])
})

test('killed at any moment between two steps: one deal, and none is lost', async () => {
  const { sim, ann, ben, chat } = await meet('killed')
  for (let after = 0; after <= 60; after += 6) {
    const made = await sim.finish(ann.client.offers.make(chat, lamp, { wait: 'sent' }))
    await sim.settle()
    const key = { clientId: `take ${made.offer}` }
    void ben.client.offers.accept(made.offer, key).catch(() => undefined)
    await sim.run(after)
    ben.device.crash()
    await sim.run(1_000)
    await ben.device.restart()
    // Whoever does not know whether it was taken on says it again, under the same key.
    await sim.finish(ben.client.offers.accept(made.offer, { ...key, wait: 'sent' }))
    const offer = await agree(sim, [ann, ben], made.offer)
    expect(offer).toMatchObject({ state: 'taken', deals: [{ takers: [ben.identity.address], state: 'agreed' }] })
    expect(offer.deals).toHaveLength(1)
    expect(await sim.finish(ann.client.offers.receipt(made.offer))).toEqual(
      await sim.finish(ben.client.offers.receipt(made.offer)),
    )
  }
})
