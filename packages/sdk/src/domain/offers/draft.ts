import { sumOf } from '../../protocol/offers/money.ts'
import type { Address } from '../../records/ids.ts'
import type { Money, OfferItem, PriceLine, Terms, TermsDraft } from '../../records/offer.ts'

/** Seconds: a day. */
const EXPIRES_IN = 86_400

/** Where there is no price at all: no terms are sound with it. */
const NOTHING: Money = { minor: '0', currency: 'NIL', exponent: 0 }

/** Terms as their author gives them, with what goes without saying. They are judged where they are written. */
export const completeTerms = (draft: TermsDraft, parties: readonly Address[]): Terms => {
  const { items: given = [], price, ...rest } = draft
  const items = withCounts(given)
  return {
    role: 'sell',
    expiresIn: EXPIRES_IN,
    revocable: true,
    parties,
    takers: 1,
    ...rest,
    items,
    price: priceOf(items, price),
  }
}

/** Terms that answer others: what is not said stays as it was, and they go back to whoever made those. */
export const counterTerms = (draft: TermsDraft, live: Terms, parties: readonly Address[]): Terms => {
  const { unread: _, price, items, ...kept } = live
  const { items: others, price: asked, ...changes } = draft
  const base = { ...kept, parties, ...changes, items: others ?? items }
  const isPriced = asked !== undefined || (others !== undefined && worthOf(withCounts(others)) !== undefined)
  return completeTerms(isPriced ? { ...base, ...(asked && { price: asked }) } : { ...base, price }, parties)
}

const withCounts = (items: NonNullable<TermsDraft['items']>): readonly OfferItem[] =>
  items.map((item, i) => ({ id: `${i + 1}`, quantity: 1, ...item }))

const priceOf = (items: readonly OfferItem[], price: TermsDraft['price']): Terms['price'] => {
  const goods = worthOf(items)
  if (price?.lines !== undefined) {
    const total = price.total ?? totalOf(price.lines)
    return { total, lines: price.lines }
  }
  const total = price?.total ?? goods
  if (total === undefined) return { total: NOTHING, lines: [] }
  if (goods === undefined || total.currency !== goods.currency || total.exponent !== goods.exponent)
    return { total, lines: [{ kind: 'goods', amount: total }] }
  return { total, lines: [{ kind: 'goods', amount: goods }, ...differenceOf(total, goods)] }
}

const totalOf = (lines: readonly PriceLine[]): Money => {
  const unit = lines[0]?.amount ?? NOTHING
  return { ...unit, minor: sumOf(lines.map(({ amount }) => amount)).toString() }
}

const differenceOf = (total: Money, goods: Money): readonly PriceLine[] => {
  const difference = BigInt(total.minor) - BigInt(goods.minor)
  if (difference === BigInt(0)) return []
  return [{ kind: difference < BigInt(0) ? 'discount' : 'fee', amount: { ...total, minor: difference.toString() } }]
}

/** What the items come to at their unit prices; undefined where one has none. */
const worthOf = (items: readonly OfferItem[]): Money | undefined => {
  const [first] = items
  if (first?.unitPrice === undefined) return undefined
  let sum = BigInt(0)
  for (const { quantity, unitPrice } of items) {
    if (unitPrice?.currency !== first.unitPrice.currency || !/^-?[0-9]{1,30}$/.test(unitPrice.minor)) return undefined
    if (!Number.isSafeInteger(quantity)) return undefined
    sum += BigInt(quantity) * BigInt(unitPrice.minor)
  }
  return { ...first.unitPrice, minor: sum.toString() }
}
