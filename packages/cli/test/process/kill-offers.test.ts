import { verifyReceipt } from '@dchat/sdk'
import { describe, expect, test } from 'vitest'
import { offersKillRun } from '../support/offers-kill-run.ts'

/** `npm run soak` sets these; see docs/testing.md. */
const whole = (name: string, otherwise: number): number => Number(process.env[name] ?? otherwise)
const seed = whole('DCHAT_OFFERS_SEED', 3)
const bargains = whole('DCHAT_OFFERS_BARGAINS', 3)
const kills = whole('DCHAT_OFFERS_KILLS', 6)

describe('seller, buyer, relay and their commands are killed with -9 while deals are made', () => {
  test(`no deal is made twice, none is lost, and none exceeds the stock (DCHAT_OFFERS_SEED=${seed})`, async () => {
    const { seller, buyer, done, sales, kills: deaths } = await offersKillRun({ seed, bargains, kills })

    // Both know the same offers, the same steps with the same outcome, and hold the same receipts.
    expect(buyer.offers).toEqual(seller.offers)
    expect(buyer.steps).toEqual(seller.steps)
    expect(buyer.receipts).toEqual(seller.receipts)
    for (const file of Object.values(seller.receipts)) await verifyReceipt(Buffer.from(file, 'base64'))

    // What a command said was done stands, once.
    const steps = new Map(seller.steps.map((step) => [step.event, step]))
    expect(steps.size).toBe(seller.steps.length)
    const lost = done.filter(({ event }) => steps.get(event) === undefined || steps.get(event)?.refused !== undefined)
    expect(lost).toEqual([])
    expect(new Set(done.map(({ event }) => event)).size).toBe(done.length)
    // Nothing else stands but what the seller's device does by itself.
    const said = new Set(done.map(({ event }) => event))
    const more = seller.steps.filter(({ event, refused }) => refused === undefined && !said.has(event))
    expect(more.filter(({ step }) => !['commit', 'reject_commit', 'stock'].includes(step))).toEqual([])

    // One thread, one deal at most, and one for each acceptance that a command said was done.
    const standing = seller.offers.map(({ deals }) => deals.filter(({ state }) => state !== 'rejected').length)
    expect(Math.max(...standing)).toBe(1)
    const deals = seller.offers.flatMap((offer) => offer.deals)
    expect(deals.map(({ id }) => id).sort()).toEqual(
      done.flatMap(({ step, event }) => (step === 'accept' ? [event] : [])).sort(),
    )
    expect(deals.filter(({ state }) => state === 'pending' || state === 'lapsed')).toEqual([])

    for (const { listing, stock, left } of sales) {
      const sold = seller.offers
        .filter(({ terms }) => terms.listing?.id === listing)
        .flatMap((offer) => offer.deals.filter(({ state }) => state === 'agreed'))
      expect(sold).toHaveLength(stock)
      expect(left).toMatchObject({ stock, sold: stock, reserved: 0, available: 0 })
    }

    // A run in which nobody died proves nothing.
    expect(Object.values(deaths).reduce((sum, count) => sum + count, 0)).toBe(kills)
  }, 900_000)
})
