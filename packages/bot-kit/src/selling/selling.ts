import {
  DchatError,
  isDchatError,
  type Listing,
  type ListingDraft,
  type Money,
  type Offer,
  type OfferStep,
  parseMoney,
  type TermsDraft,
} from '@dchat/sdk'
import type { Context, DealReceipt } from '../bot/context.ts'
import { matches } from '../bot/filters.ts'
import { type Plugin, plugin } from '../bot/plugin.ts'
import { decidePrice, type PriceRules } from './haggle.ts'

export interface SellingOptions {
  /** The goods. The listing is made once; later changes are `client.listings.edit`'s. */
  readonly listing: ListingDraft
  /** Tells the listings of one bot apart. Default `shop`. */
  readonly name?: string
  /** The lowest price of a piece, by the item's id: `{ chair: 'EUR 45.00' }`. Left out: the price is fixed. */
  readonly floors?: Readonly<Record<string, string>>
  /** Concessions from the price to the floor. Default 3. */
  readonly steps?: number
  /** A deal is agreed. */
  readonly sold?: (ctx: Context, receipt: DealReceipt) => unknown
}

export interface Shop {
  /** The goods with what is left of each. */
  listing(): Promise<Listing>
  /** Offers so many pieces of an item at their price, in the conversation. Rejects with `offer/out-of-stock`. */
  offer(item: string, quantity?: number): Promise<OfferStep>
}

const times = ({ minor, ...money }: Money, quantity: number): Money => ({
  ...money,
  minor: `${BigInt(minor) * BigInt(quantity)}`,
})
const plus = (a: Money, b: Money): Money => ({ ...a, minor: `${BigInt(a.minor) + BigInt(b.minor)}` })

/** What it costs, and what it may cost, by the listing; undefined where something is not of it. */
const rulesOf = (
  listing: Listing,
  offer: Offer,
  { floors = {}, steps = 3 }: SellingOptions,
): PriceRules | undefined => {
  let [price, floor]: (Money | undefined)[] = []
  for (const { id, quantity, title, attributes } of offer.terms.items) {
    const good = listing.items.find((item) => item.id === id)
    const unit = good?.unitPrice
    // Under the name of one thing another one may be asked for.
    if (unit === undefined || good?.title !== title) return undefined
    if (JSON.stringify(attributes ?? {}) !== JSON.stringify(good.attributes ?? {})) return undefined
    const lowest = floors[id] === undefined ? unit : parseMoney(floors[id])
    price = price ? plus(price, times(unit, quantity)) : times(unit, quantity)
    floor = floor ? plus(floor, times(lowest, quantity)) : times(lowest, quantity)
  }
  return price && floor && { price, floor, steps: floor.minor === price.minor ? 0 : steps }
}

/** Everything but the price: what else somebody wants is not for rules to decide. */
const conditionsOf = ({ delivery, payment, refund, takers = 1, threshold, text, attachments }: TermsDraft): string =>
  JSON.stringify([delivery, payment, refund, takers, threshold, text, attachments ?? []])

/** Own terms that went before, without those that were no concession: the first ones, if the bot made the offer. */
const concessionsOf = ({ history, opener }: Offer, mine: string): number =>
  history.filter(({ author }) => author === mine).length - (opener === mine ? 1 : 0)

/** Answers an open offer by the rules. True: it was accepted. */
const answer = async (ctx: Context, offer: Offer, listing: Listing, options: SellingOptions): Promise<boolean> => {
  // An earlier run of this event has accepted it.
  if (offer.deals.at(-1)?.terms === offer.head) return true
  const rules = rulesOf(listing, offer, options)
  if (rules === undefined) return !(await ctx.decline('not_available'))
  try {
    const items = offer.terms.items.map(({ id, quantity }) => ({ id, quantity }))
    // Who opened the negotiation keeps their role in it.
    const { role: _, ...terms } = await ctx.client.listings.terms(listing.id, { items })
    const decision = decidePrice(rules, offer.terms.price.total, concessionsOf(offer, ctx.client.address))
    if (decision.do === 'decline') return !(await ctx.decline(decision.reason))
    const isSame = conditionsOf(terms) === conditionsOf(offer.terms)
    if (decision.do === 'accept' && isSame) return Boolean(await ctx.accept())
    const total = decision.do === 'counter' ? decision.total : offer.terms.price.total
    return !(await ctx.counter({ ...terms, price: { total } }))
  } catch (error) {
    if (!isDchatError(error, 'offer/out-of-stock')) throw error
    return !(await ctx.decline('out_of_stock'))
  }
}

/**
 * Sells goods by offers: `ctx.shop` shows and offers them, and what people offer for them is answered by the rules, the same
 * words for everybody. Stock is the listing's: the last piece goes to one. Offers of other things are left to other handlers.
 */
export const selling = (options: SellingOptions): Plugin<{ shop: Shop }> => {
  const { name = 'shop', sold } = options
  const listingOf = async ({ client }: Context): Promise<Listing> => {
    const { id } = await client.listings.create(options.listing, { clientId: `bot/${name}` })
    const listing = await client.listings.get(id)
    if (listing === undefined) throw new DchatError('offer/unknown-listing', { listing: id })
    return listing
  }
  return plugin(async (ctx, next) => {
    Object.assign(ctx, {
      shop: {
        listing: () => listingOf(ctx),
        offer: async (item, quantity = 1) => {
          const { id } = await listingOf(ctx)
          return ctx.propose(await ctx.client.listings.terms(id, { items: [{ id: item, quantity }] }))
        },
      } satisfies Shop,
    })
    const isOpen = matches('offer:open', ctx.event)
    if (ctx.offer === undefined || !(isOpen || matches('offer:accepted', ctx.event))) return next()
    const listing = await listingOf(ctx)
    if (ctx.offer.listing !== listing.id) return next()
    const offer = isOpen ? await ctx.client.offers.get(ctx.offer.id) : undefined
    // Other terms are on the table by now: theirs, or the answer of an earlier run of this event.
    if (isOpen && (offer === undefined || offer.head !== ctx.offer.head)) return
    const isSold = offer === undefined || (await answer(ctx, offer, listing, options))
    if (isSold && sold) await sold(ctx, await ctx.receipt())
  })
}
