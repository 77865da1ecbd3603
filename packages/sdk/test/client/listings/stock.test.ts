import fc from 'fast-check'
import { expect, test } from 'vitest'
import { memoryStorage } from '../../../src/adapters/storage/memory.ts'
import { guardStock } from '../../../src/client/listings/guard.ts'
import { getListingRow, putListingRow, putVersion } from '../../../src/client/listings/rows.ts'
import { placeStep } from '../../../src/client/offers/place-step.ts'
import { findThread } from '../../../src/client/offers/rows.ts'
import { sealedStore } from '../../../src/domain/store/sealed-store.ts'
import { isDchatError } from '../../../src/errors.ts'
import { encodeSignedOffer, type OfferDraft, writeOfferBody } from '../../../src/protocol/offers/event.ts'
import { encodeSignedListing, listingHash, writeListingBody } from '../../../src/protocol/offers/listing.ts'
import type { DeviceId, MessageId } from '../../../src/records/ids.ts'
import type { OfferEvent } from '../../../src/records/offer.ts'
import { ANN, BEN, event, T0, terms } from '../../domain/offers/support.ts'

const ID = '11'.repeat(16)
/** ms: a commitment that takes so long is too late. */
const LATE = 25 * 3_600_000

const SHOP = { self: { address: ANN, device: 'd1'.repeat(16) as DeviceId }, clock: { now: () => T0 } }

/** One offer of the seller's that Ben accepts, or one of Ben's that the seller accepts. */
interface Trade {
  readonly quantity: number
  readonly isBid: boolean
}

let refusals = 0

const shopOf = async (stock: number, trades: readonly Trade[]) => {
  let nonce = 0
  const store = sealedStore(memoryStorage(), new Uint8Array(32).fill(9), (length) =>
    new Uint8Array(length).fill(nonce++ % 256),
  )
  const body = writeListingBody({
    id: ID,
    version: 1,
    seller: ANN,
    device: 'aa'.repeat(32),
    at: 0,
    title: 'Bicycles',
    items: [{ id: 'a', title: 'A bicycle', stock }],
  })
  const hash = listingHash(body)
  const signed = encodeSignedListing({ body, signature: new Uint8Array(64) })
  await store.write(async (tx) => {
    putVersion(tx, { id: ID, version: 1 } as Parameters<typeof putVersion>[1], hash)
    await putListingRow(tx, { id: ID, signed, state: 'open', taken: [], holder: SHOP.self.device, turn: 1 })
  })
  const listing = { id: ID, version: 1, seller: ANN, hash }
  const lines = trades.map(({ quantity, isBid }, i) => {
    const items = [{ id: 'a', title: 'A bicycle', quantity }]
    const sides = isBid ? ({ role: 'buy', parties: [ANN] } as const) : ({ role: 'sell', parties: [BEN] } as const)
    const first = event(isBid ? BEN : ANN, 'propose', undefined, {
      thread: `${i}`.padStart(32, '0'),
      terms: terms({ ...sides, listing, items }),
    })
    return { room: `${i}`.padStart(64, '0'), steps: [first], place: 0, time: T0, queued: [] as OfferEvent[] }
  })
  const place = async (i: number, one: OfferEvent, after: number) => {
    const line = lines[i] as (typeof lines)[number]
    line.place += 1
    line.time += after
    const { id: _, ...draft } = one
    const bytes = encodeSignedOffer({ body: writeOfferBody(draft as OfferDraft), signature: new Uint8Array(64) })
    const row = { id: one.id, thread: one.thread, signed: bytes, place: line.place, acceptedAt: line.time }
    const message = one.id as string as MessageId
    await store.write((tx) =>
      placeStep(tx, { room: line.room, conversation: one.conversation, event: one, row: { ...row, message } }),
    )
    if (!line.steps.some(({ id }) => id === one.id)) line.steps.push(one)
  }
  for (const [i, { steps }] of lines.entries()) await place(i, steps[0] as OfferEvent, 0)
  const threadOf = (i: number) =>
    store.read(
      async (tx) =>
        (await findThread(tx, ((lines[i] as (typeof lines)[number]).steps[0] as OfferEvent).thread))?.thread,
    )
  /** The seller's word, as it is made durable before it is sent; true if there was stock for it. */
  const sell = async (i: number): Promise<void> => {
    const { steps, queued } = lines[i] as (typeof lines)[number]
    const thread = await threadOf(i)
    const before = steps.find(({ type }) => type === (trades[i]?.isBid ? 'propose' : 'accept')) as
      | OfferEvent
      | undefined
    if (before === undefined || thread === undefined || queued.length > 0) return
    if (thread.deals.length > 0 && thread.deals[0]?.state !== 'pending') return
    const step = event(ANN, trades[i]?.isBid ? 'accept' : 'commit', before)
    try {
      await store.write((tx) => guardStock(tx, SHOP, thread, step))
      queued.push(step)
    } catch (error) {
      if (!isDchatError(error, 'offer/out-of-stock')) throw error
      refusals += 1
    }
  }
  /** What is promised to buyers by the topics, and what the seller's books say. */
  const books = async () => {
    let sold = 0
    for (const [i, { quantity }] of trades.entries())
      for (const { state } of (await threadOf(i))?.deals ?? [])
        if (state !== 'pending' && state !== 'rejected' && state !== 'cancelled') sold += quantity
    const taken = (await store.read((tx) => getListingRow(tx, ID)))?.taken[0] ?? { reserved: 0, sold: 0 }
    return { sold, taken }
  }
  return { lines, place, sell, books, threadOf }
}

const trade = fc.record({ quantity: fc.integer({ min: 1, max: 4 }), isBid: fc.boolean() })
const deed = fc.record({
  line: fc.nat({ max: 5 }),
  what: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('accept', 'sell', 'arrive') },
    { weight: 1, arbitrary: fc.constantFrom('late', 'again', 'cancel', 'withdraw') },
  ),
})

test('in whatever order people accept, cancel and come late, what stands never exceeds the stock, and the books agree', async () => {
  let full = 0
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 6 }),
      fc.array(trade, { minLength: 2, maxLength: 6 }),
      fc.array(deed, { minLength: 20, maxLength: 60 }),
      async (stock, trades, deeds) => {
        const shop = await shopOf(stock, trades)
        for (const { line, what } of deeds) {
          const i = line % trades.length
          const { steps, queued } = shop.lines[i] as (typeof shop.lines)[number]
          const first = steps[0] as OfferEvent
          const isBid = trades[i]?.isBid === true
          if (what === 'sell') await shop.sell(i)
          if (what === 'accept' && !isBid) await shop.place(i, event(BEN, 'accept', first), 1_000)
          if (what === 'withdraw') await shop.place(i, event(isBid ? BEN : ANN, 'withdraw', first), 1_000)
          const own = what === 'arrive' || what === 'late' ? queued.shift() : undefined
          if (own !== undefined) await shop.place(i, own, what === 'late' ? LATE : 1_000)
          if (what === 'again') await shop.place(i, steps.at(-1) as OfferEvent, 1_000)
          if (what === 'cancel') {
            const head = (await shop.threadOf(i))?.deals[0]?.head
            const last = steps.find(({ id }) => id === head)
            if (last !== undefined) {
              const asked = event(ANN, 'cancel_propose', last)
              await shop.place(i, asked, 1_000)
              await shop.place(i, event(BEN, 'cancel_accept', asked), 1_000)
            }
          }
          const { sold, taken } = await shop.books()
          expect(taken.reserved + taken.sold).toBeLessThanOrEqual(stock)
          expect(taken.sold).toBe(sold)
          if (sold > 0 && sold === stock) full += 1
        }
        // Whatever was on its way arrives: nothing stays reserved.
        for (const [i, { queued }] of shop.lines.entries())
          for (const step of queued.splice(0)) await shop.place(i, step, 1_000)
        const { sold, taken } = await shop.books()
        expect(taken.sold).toBe(sold)
        expect(taken.reserved).toBe(0)
      },
    ),
    { numRuns: 150 },
  )
  // The numbers were put to the test.
  expect(full).toBeGreaterThan(0)
  expect(refusals).toBeGreaterThan(0)
})
