import { expect, test } from 'vitest'
import { type Client, type ConversationId, isDchatError, type Listing, type Offer } from '../../src/index.ts'
import { isOpen, secondDevice } from './link-support.ts'
import { until } from './personal-support.ts'
import { company } from './support.ts'

const SENT = { wait: 'sent', timeout: 60_000 } as const
const HELD = { code: 'offer/held-elsewhere' }
const net = company()
const join = async (): Promise<Client> => (await net.join()).client

const offerAt = (client: Client, id: string, wanted: (offer: Offer) => boolean) =>
  until(
    () => client.offers.get(id),
    (offer) => offer !== undefined && wanted(offer),
  )

const listingAt = (client: Client, id: string, wanted: (listing: Listing) => boolean) =>
  until(
    () => client.listings.get(id),
    (listing) => listing !== undefined && wanted(listing),
  )

const isAgreed = ({ deals }: Offer) => deals[0]?.state === 'agreed'
const isOpenOffer = ({ state }: Offer) => state === 'open'
const shapeOf = (offer: Offer | undefined) => [offer?.state, offer?.head, offer?.deals, offer?.incomplete]

/** A buyer who asks for one piece. */
const bid = async (buyer: Client, chat: ConversationId, listing: Listing) => {
  const { id, version, seller, hash, items } = listing
  const [item] = items
  const unitPrice = { minor: '3000', currency: 'EUR', exponent: 2 }
  return buyer.offers.make(
    chat,
    {
      role: 'buy',
      listing: { id, version, seller, hash },
      items: [{ id: item?.id as string, title: 'Lamp', quantity: 1, unitPrice }],
    },
    SENT,
  )
}

/** Takes a listing over as soon as it can be counted. */
const taken = async (client: Client, id: string): Promise<Listing> => {
  for (const end = Date.now() + 60_000; ; ) {
    try {
      return await client.listings.takeOver(id)
    } catch (error) {
      if (!isDchatError(error, 'offer/not-counted') || Date.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

test('a listing is sold by one of two devices, passes between them, and is taken over from a lost one', async () => {
  const here = await join()
  const ben = await join()
  const chat = await here.conversations.dm(ben.address)
  await chat.send('There is a lamp', { wait: 'delivered', timeout: 60_000 })
  const unitPrice = { minor: '4000', currency: 'EUR', exponent: 2 }
  const listing = await here.listings.create({ title: 'Lamps', items: [{ title: 'Lamp', unitPrice, stock: 3 }] })
  const { id } = listing
  expect(listing).toMatchObject({ holder: here.device, isHere: true })
  // Before the other device is there: it learns of this deal by what it is told alone.
  const first = await bid(ben, chat.id, listing)
  await offerAt(here, first.offer, isOpenOffer)
  await here.offers.accept(first.offer, SENT)

  const there = await secondDevice(here, net.relay)
  net.open.push(there)
  await isOpen(there)
  const seen = await listingAt(there, id, ({ left }) => left[0]?.sold === 1)
  expect(seen).toMatchObject({ holder: here.device, isHere: false, state: 'open', version: 1, hash: listing.hash })
  // The steps of the offer came with the past: both devices show the same.
  const known = await here.offers.get(first.offer)
  const carried = await offerAt(there, first.offer, isAgreed)
  expect(shapeOf(carried)).toEqual(shapeOf(known))

  await expect(there.listings.terms(id)).rejects.toMatchObject(HELD)
  await expect(there.listings.edit(id, { title: 'Lights' })).rejects.toMatchObject(HELD)
  await expect(there.listings.close(id)).rejects.toMatchObject(HELD)
  await expect(there.listings.handOver(id, there.device)).rejects.toMatchObject(HELD)
  const second = await bid(ben, chat.id, listing)
  await offerAt(there, second.offer, isOpenOffer)
  await expect(there.offers.accept(second.offer)).rejects.toMatchObject({ ...HELD, details: { device: here.device } })

  // It asks, and the device that sells lets it go.
  const passed = await there.listings.takeOver(id, { wait: 60_000 })
  expect(passed).toMatchObject({ holder: there.device, isHere: true, left: [{ sold: 1, available: 2 }] })
  await expect(here.listings.terms(id)).rejects.toMatchObject({ ...HELD, details: { device: there.device } })
  await there.listings.edit(id, { title: 'Lights' })
  await listingAt(here, id, ({ title, version, isHere }) => title === 'Lights' && version === 2 && !isHere)
  await there.offers.accept(second.offer, SENT)
  await offerAt(here, second.offer, isAgreed)
  // Who accepts an offer of either device is answered by the one that sells.
  const terms = await there.listings.terms(id)
  const third = await there.offers.make(chat.id, terms, SENT)
  await offerAt(ben, third.offer, isOpenOffer)
  await ben.offers.accept(third.offer, SENT)
  await offerAt(ben, third.offer, isAgreed)
  await offerAt(here, third.offer, isAgreed)
  await listingAt(there, id, ({ left }) => left[0]?.sold === 3)

  // It is lost. Nobody else sells until it is out of every conversation.
  await there.close()
  await expect(here.listings.takeOver(id)).rejects.toMatchObject({ ...HELD, details: { device: there.device } })
  await here.devices.revoke(there.device)
  const back = await taken(here, id)
  expect(back).toMatchObject({ isHere: true, state: 'open', version: 2, left: [{ stock: 3, sold: 3, available: 0 }] })
  await expect(here.listings.terms(id)).rejects.toMatchObject({ code: 'offer/out-of-stock' })
  await here.listings.edit(id, { items: [{ title: 'Lamp', unitPrice, stock: 4 }] })
  const last = await here.offers.make(chat.id, await here.listings.terms(id), SENT)
  await offerAt(ben, last.offer, isOpenOffer)
  await ben.offers.accept(last.offer, SENT)
  await offerAt(ben, last.offer, isAgreed)
})
