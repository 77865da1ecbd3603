import { STOCK_NOTICE } from '../../protocol/offers/event.ts'
import type { ListingItem, ListingStock } from '../../records/listing.ts'
import type { OfferEvent, OfferEventId, Terms } from '../../records/offer.ts'
import { liveRevision, type OfferThread } from './thread.ts'

/** Pieces of one item of a listing. */
export interface Quantity {
  readonly item: string
  readonly quantity: number
}

/** What of an item is gone. */
export interface Taken {
  readonly item: string
  readonly reserved: number
  readonly sold: number
}

/** What one deal takes from a listing. */
export interface Claim {
  /** The step that made the deal, or is to make it. */
  readonly deal: OfferEventId
  /** The seller's step that concludes it: its commitment, or its own acceptance. */
  readonly step: OfferEventId
  readonly quantities: readonly Quantity[]
  readonly state: 'reserved' | 'sold'
}

export const quantitiesOf = ({ items }: Terms): readonly Quantity[] =>
  items.map(({ id, quantity }) => ({ item: id, quantity }))

const takenOf = (taken: readonly Taken[], item: string): Taken =>
  taken.find((one) => one.item === item) ?? { item, reserved: 0, sold: 0 }

/** How much there is of one item; nothing of one that the listing does not have. */
export const stockOf = (items: readonly ListingItem[], taken: readonly Taken[], id: string): ListingStock => {
  const { reserved, sold } = takenOf(taken, id)
  const stock = items.find((item) => item.id === id)?.stock ?? 0
  return { id, stock, reserved, sold, available: Math.max(0, stock - reserved - sold) }
}

/** What is left of the first item of which there is not enough; undefined where there is enough of all. */
export const lacking = (
  items: readonly ListingItem[],
  taken: readonly Taken[],
  wanted: readonly Quantity[],
): number | undefined => {
  for (const { item, quantity } of wanted) {
    const { available } = stockOf(items, taken, item)
    if (available < quantity) return available
  }
  return undefined
}

/** What is gone once a claim passes from one state to another; undefined: there is none. */
export const moved = (
  taken: readonly Taken[],
  quantities: readonly Quantity[],
  from: Claim['state'] | undefined,
  to: Claim['state'] | undefined,
): readonly Taken[] => {
  const changed = new Map(taken.map((one) => [one.item, one]))
  for (const { item, quantity } of quantities) {
    const before = changed.get(item) ?? { item, reserved: 0, sold: 0 }
    const count = (state: Claim['state']) => (to === state ? quantity : 0) - (from === state ? quantity : 0)
    changed.set(item, { item, reserved: before.reserved + count('reserved'), sold: before.sold + count('sold') })
  }
  return [...changed.values()]
}

/** What became of a claim in the order of its topic; undefined: it is over, and what it held is free. */
export const claimStateIn = (
  { deals, refused }: Pick<OfferThread, 'deals' | 'refused'>,
  { deal: id, step }: Pick<Claim, 'deal' | 'step'>,
): Claim['state'] | undefined => {
  const deal = deals.find((one) => one.id === id)
  // An acceptance of the seller that is on its way, or a commitment to what is not there yet.
  if (deal === undefined || deal.state === 'pending') return refused.includes(step) ? undefined : 'reserved'
  return deal.state === 'rejected' || deal.state === 'cancelled' ? undefined : 'sold'
}

/** What the seller told last of what the live terms ask for; new terms ask for something else. */
export const leftAfter = (
  before: { readonly thread?: OfferThread; readonly left?: number } | undefined,
  after: OfferThread | undefined,
  { type, author, data }: OfferEvent,
): number | undefined => {
  if (after === undefined) return undefined
  const live = liveRevision(after)
  const isTold = type === 'reject_commit' || (typeof type !== 'string' && type.unknown === STOCK_NOTICE)
  if (isTold && author === live.terms.listing?.seller && data?.available !== undefined) return data.available
  return before?.thread !== undefined && liveRevision(before.thread).id === live.id ? before.left : undefined
}

/** What there is of the first item of which there is not enough; where there is enough, of the one that most is asked of. */
export const leftFor = (
  items: readonly ListingItem[],
  taken: readonly Taken[],
  wanted: readonly Quantity[],
): number => {
  const most = wanted.reduce((a, b) => (b.quantity > a.quantity ? b : a))
  return lacking(items, taken, wanted) ?? stockOf(items, taken, most.item).available
}

/** Who has an open offer is told when there is not enough for it any more, and when there is again. */
export const isNewsOf = (wanted: readonly Quantity[], told: number | undefined, left: number): boolean => {
  const isEnough = (pieces: number) => wanted.every(({ quantity }) => quantity <= pieces)
  return isEnough(left) !== (told === undefined || isEnough(told))
}
