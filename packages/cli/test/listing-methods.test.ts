import { expect, test } from 'vitest'
import { listingLine, listingText } from '../src/io/listing-lines.ts'
import { all, people } from './support/people.ts'

const { friends, person, another } = people()

test('a listing is made, offered, sold, edited and closed; what is left is told', async () => {
  const { alice, bob } = await friends('alice', 'bob')
  const unitPrice = { minor: '6000', currency: 'EUR', exponent: 2 }
  const made = await alice.guest.call('listing.create', {
    draft: { title: 'Chairs', items: [{ title: 'Chair', unitPrice, stock: 3 }] },
  })
  expect(made).toMatchObject({ version: 1, state: 'open', left: [{ available: 3, sold: 0 }] })
  const listing = made.id.slice(0, 8)
  const offer = await alice.guest.call('offer.make', {
    chat: 'bob',
    terms: { from: { listing, take: [{ quantity: 2 }] } },
  })
  await bob.guest.call('offer.answer', { offer: offer.event.slice(0, 8), answer: 'accept' })
  await expect
    .poll(
      async () => {
        await alice.guest.call('offer.show', { offer: offer.offer })
        return alice.guest.call('listing.show', { listing })
      },
      { timeout: 90_000 },
    )
    .toMatchObject({ left: [{ available: 1, reserved: 0, sold: 2 }] })
  const shown = await bob.guest.call('offer.show', { offer: offer.offer })
  expect(shown.offer).toMatchObject({ state: 'taken', deals: [{ state: 'agreed' }] })
  await expect(
    alice.guest.call('offer.make', { chat: 'bob', terms: { from: { listing, take: [{ quantity: 2 }] } } }),
  ).rejects.toMatchObject({ code: 'offer/out-of-stock' })
  expect(await alice.guest.call('listing.edit', { listing, changes: {}, stock: [{ stock: 5 }] })).toMatchObject({
    version: 2,
    left: [{ stock: 5, available: 3 }],
  })
  expect(await alice.guest.call('listing.close', { listing })).toMatchObject({ state: 'closed' })
  expect(await all(alice.guest.stream('listing.list', {}))).toMatchObject([{ id: made.id, state: 'closed' }])
  await expect(alice.guest.call('listing.show', { listing: 'ffffffff' })).rejects.toMatchObject({
    code: 'offer/unknown-listing',
  })
})

test('a listing passes between two devices by give and take; each says where it is sold', async () => {
  const shop = await person('shop')
  const made = await shop.guest.call('listing.create', { draft: { title: 'Chairs', items: [{ title: 'Chair' }] } })
  expect(made).toMatchObject({ here: true, state: 'open' })
  const { id: listing, device } = made
  expect(await shop.guest.call('listing.take', { listing })).toMatchObject({ here: true })
  await expect(shop.guest.call('listing.give', { listing, device: 'laptop' })).rejects.toMatchObject({
    code: 'usage/invalid-argument',
  })
  const laptop = await another(shop, 'laptop')
  const there = (await laptop.guest.call('whoami', {})).device
  const seen = () =>
    laptop.guest.call('listing.show', { listing }).catch(async (error: unknown) => {
      await all(laptop.guest.stream('group.invitations', {}))
      return String(error)
    })
  await expect.poll(seen, { timeout: 90_000 }).toMatchObject({ here: false, device })
  await expect(laptop.guest.call('listing.close', { listing })).rejects.toMatchObject({ code: 'offer/held-elsewhere' })
  expect(await laptop.guest.call('listing.take', { listing })).toMatchObject({ here: true, device: there })
  const shown = await shop.guest.call('listing.show', { listing })
  expect([listingText(shown).split('\n')[1], listingLine(shown)]).toEqual([
    `Sold by another of your devices: ${there}`,
    expect.stringContaining('(another device) Chairs: 1 of 1 left'),
  ])
  expect(await laptop.guest.call('listing.give', { listing, device })).toMatchObject({ here: false, device })
  await expect
    .poll(() => shop.guest.call('listing.show', { listing }), { timeout: 90_000 })
    .toMatchObject({ here: true })
})
