import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Client, ConversationId, Offer, OfferStep } from '../../src/index.ts'
import type { TestRelay } from './host/host.ts'
import { type Member, member } from './life-support.ts'
import { testRelay } from './support.ts'

const SENT = { wait: 'sent', timeout: 60_000 } as const
let relay: TestRelay
const open: Client[] = []

beforeEach(async () => {
  relay = await testRelay()
})

afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()))
  await relay.close()
})

const join = async (): Promise<Member> => {
  const one = await member(relay)
  open.push(one.client)
  await one.client.connect()
  return one
}

const euro = (minor: number) => ({ minor: `${minor}`, currency: 'EUR', exponent: 2 })

const offerOf = async (client: Client, wanted: (offer: Offer) => boolean): Promise<Offer> => {
  for await (const offer of client.offers.stream({ signal: AbortSignal.timeout(120_000) }))
    if (wanted(offer)) return offer
  throw new Error('the stream ended')
}

const answered = ({ deals }: Offer) => deals.length > 0 && deals.every(({ state }) => state !== 'pending')

/** A seller with as many conversations as there are buyers. */
const market = async (count: number) => {
  const { client: ann } = await join()
  const buyers: { readonly client: Client; readonly chat: ConversationId }[] = []
  for (let i = 0; i < count; i += 1) {
    const { client } = await join()
    const chat = await ann.conversations.dm(client.address)
    buyers.push({ client, chat: chat.id })
  }
  return { ann, buyers }
}

test('the last piece goes to exactly one taker, and the other is told at once what is left', async () => {
  const { ann, buyers } = await market(2)
  const listing = await ann.listings.create({ title: 'Lamp', items: [{ title: 'Lamp', unitPrice: euro(4_000) }] })
  const terms = await ann.listings.terms(listing.id)
  expect(terms.listing).toEqual({ id: listing.id, version: 1, seller: ann.address, hash: listing.hash })
  const made: OfferStep[] = []
  for (const { client, chat } of buyers) {
    const step = await ann.offers.make(chat, terms, SENT)
    await offerOf(client, ({ head }) => head === step.event)
    made.push(step)
  }
  await Promise.all(buyers.map(({ client }, i) => client.offers.accept(made[i]?.offer as string, SENT)))
  const seen = await Promise.all(buyers.map(({ client }) => offerOf(client, answered)))
  const states = seen.map(({ state, deals, available }) => [state, deals[0]?.state, deals[0]?.reason, available])
  expect(states.sort()).toEqual([
    ['taken', 'agreed', undefined, undefined],
    ['void', 'rejected', 'out_of_stock', 0],
  ])
  await offerOf(ann, ({ deals }) => deals[0]?.state === 'agreed')
  const [now] = await ann.listings.list()
  expect(now?.left).toEqual([{ id: '1', stock: 1, reserved: 0, sold: 1, available: 0 }])
  await expect(ann.listings.terms(listing.id)).rejects.toMatchObject({
    code: 'offer/out-of-stock',
    details: { available: 0 },
  })
})

test('what a buyer asks for is checked against the listing before the seller agrees', async () => {
  const { ann, buyers } = await market(1)
  const [{ client: ben, chat }] = buyers as [(typeof buyers)[number]]
  const listing = await ann.listings.create({
    title: 'Eggs',
    items: [{ title: 'Egg', unitPrice: euro(30), stock: 12 }],
  })
  const step = await ann.offers.make(chat, await ann.listings.terms(listing.id), SENT)
  const { terms } = await offerOf(ben, ({ head }) => head === step.event)
  const asked = { role: 'buy', listing: terms.listing } as NonNullable<Parameters<Client['offers']['make']>[1]>
  const item = (quantity: number, id = '1') => ({ id, title: 'Egg', quantity, unitPrice: euro(25) })
  const wrongs = [
    [{ ...asked, items: [item(13)] }, 'offer/out-of-stock'],
    [{ ...asked, items: [item(1, 'goose')] }, 'offer/bad-terms'],
    [{ ...asked, listing: { ...listing, hash: 'ab'.repeat(32) }, items: [item(1)] }, 'offer/bad-terms'],
  ] as const
  for (const [{ listing: named, ...rest }, code] of wrongs) {
    const { id, version, seller, hash } = named as NonNullable<typeof terms.listing>
    const bid = await ben.offers.make(chat, { ...rest, listing: { id, version, seller, hash } }, SENT)
    await offerOf(ann, ({ head }) => head === bid.event)
    await expect(ann.offers.accept(bid.offer)).rejects.toMatchObject({ code })
  }
  const bid = await ben.offers.make(chat, { ...asked, items: [item(12)] }, SENT)
  await offerOf(ann, ({ head }) => head === bid.event)
  await ann.offers.accept(bid.offer, SENT)
  expect((await ann.listings.get(listing.id))?.left).toEqual([
    { id: '1', stock: 12, reserved: 0, sold: 12, available: 0 },
  ])
  await ann.offers.cancel(bid.offer, SENT)
  await offerOf(ben, ({ id, deals }) => id === bid.offer && deals[0]?.cancelBy !== undefined)
  await ben.offers.cancel(bid.offer, SENT)
  await offerOf(ann, ({ id, deals }) => id === bid.offer && deals[0]?.state === 'cancelled')
  expect((await ann.listings.get(listing.id))?.left[0]?.available).toBe(12)
})

test('an edited listing leaves offers as they were; a closed one says no to who accepts', async () => {
  const { ann, buyers } = await market(1)
  const [{ client: ben, chat }] = buyers as [(typeof buyers)[number]]
  const draft = { title: 'Vase', items: [{ title: 'Vase', unitPrice: euro(900), stock: 3 }] }
  const listing = await ann.listings.create(draft, { clientId: 'vase' })
  expect(await ann.listings.create(draft, { clientId: 'vase' })).toEqual(listing)
  const step = await ann.offers.make(chat, await ann.listings.terms(listing.id), SENT)
  const dearer = await ann.listings.edit(listing.id, { items: [{ title: 'Vase', unitPrice: euro(1_000), stock: 3 }] })
  expect(dearer).toMatchObject({ version: 2, state: 'open' })
  expect(await ann.listings.edit(listing.id, { title: 'Vase' })).toEqual(dearer)
  await offerOf(ben, ({ head }) => head === step.event)
  await ben.offers.accept(step.offer, SENT)
  const agreed = await offerOf(ben, answered)
  expect(agreed.deals[0]?.state).toBe('agreed')
  // The buyer has the listing as it was signed, not as it is now.
  const { title, version, hash, signed } = listing
  expect(await ben.listings.of(step.offer)).toMatchObject({ title, version, hash, signed, items: [{ stock: 3 }] })
  expect(await ben.listings.get(listing.id)).toBeUndefined()
  expect(agreed.terms).toMatchObject({ listing: { version: 1, hash: listing.hash }, price: { total: euro(900) } })
  await offerOf(ann, answered)
  await expect(ann.listings.edit(listing.id, { items: [{ title: 'Vase', stock: 0 }] })).rejects.toMatchObject({
    code: 'usage/invalid-argument',
  })
  const second = await ann.offers.make(chat, await ann.listings.terms(listing.id), SENT)
  expect(await ann.listings.close(listing.id)).toMatchObject({ state: 'closed' })
  await offerOf(ben, ({ head }) => head === second.event)
  await ben.offers.accept(second.offer, SENT)
  const refused = await offerOf(ben, (offer) => offer.id === second.offer && answered(offer))
  expect(refused).toMatchObject({ state: 'void', deals: [{ state: 'rejected', reason: 'withdrawn_first' }] })
  await expect(ann.listings.terms(listing.id)).rejects.toMatchObject({ code: 'offer/not-for-sale' })
})

test('who has an open offer is told when too little is left for it, and when there is enough again', async () => {
  const { ann, buyers } = await market(2)
  const [ben, cid] = buyers as [(typeof buyers)[number], (typeof buyers)[number]]
  const { id } = await ann.listings.create({ title: 'Lamp', items: [{ title: 'Lamp', unitPrice: euro(4_000) }] })
  const terms = await ann.listings.terms(id)
  const first = await ann.offers.make(ben.chat, terms, SENT)
  const second = await ann.offers.make(cid.chat, terms, SENT)
  const { available } = await offerOf(cid.client, ({ head }) => head === second.event)
  expect(available).toBeUndefined()
  await offerOf(ben.client, ({ head }) => head === first.event)
  await ben.client.offers.accept(first.offer, SENT)
  const told = await offerOf(cid.client, (offer) => offer.id === second.offer && offer.available !== undefined)
  // It is still the seller's word: nothing of the offer has changed.
  expect(told).toMatchObject({ available: 0, state: 'open', head: second.event, deals: [], pending: [] })
  const { items } = await cid.client.messages.list(cid.chat)
  const shown = items.map(({ content }) => (content.type === 'offer' ? content.step : content.type))
  expect(shown).toContainEqual({ unknown: 'stock' })
  await offerOf(ann, ({ deals }) => deals[0]?.state === 'agreed')
  await ann.offers.cancel(first.offer, SENT)
  await offerOf(ben.client, ({ deals }) => deals[0]?.cancelBy !== undefined)
  await ben.client.offers.cancel(first.offer, SENT)
  await offerOf(cid.client, (offer) => offer.id === second.offer && offer.available === 1)
  await cid.client.offers.accept(second.offer, SENT)
  const taken = await offerOf(cid.client, answered)
  expect(taken.deals).toMatchObject([{ state: 'agreed' }])
})
