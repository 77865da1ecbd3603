import { claimStateIn, moved, quantitiesOf } from '../../domain/offers/stock.ts'
import { type Deal, liveRevision, type OfferThread } from '../../domain/offers/thread.ts'
import type { StoreWriter } from '../../domain/store/store.ts'
import type { OfferEvent } from '../../records/offer.ts'
import { putJob } from '../jobs.ts'
import { planBooks } from './books.ts'
import { type ClaimRow, dropClaim, dropDue, getClaim, getListingRow, putClaim, putDue, putListingRow } from './rows.ts'
import { noteWanted, planTelling } from './wanted.ts'

/**
 * What the order of a topic made of deals about an own listing: what was reserved is sold or free again, and who accepted
 * waits for this device. In the transaction of the step, so that stock and deals never say different things.
 */
export const settleStock = async (
  tx: StoreWriter,
  before: OfferThread | undefined,
  after: OfferThread | undefined,
  { id, prev = id }: OfferEvent,
  now: number,
  left: number | undefined,
): Promise<void> => {
  if (after === undefined) return
  const { terms } = liveRevision(after)
  const listing = terms.listing?.id
  if (listing === undefined || (await getListingRow(tx, listing)) === undefined) return
  await noteWanted(tx, listing, after, left)
  const changed = after.deals.filter((deal, i) => deal !== before?.deals[i])
  let isNews = false
  for (const deal of new Set([id, prev, ...changed.map((one) => one.id)]))
    if (await settleClaim(tx, after, deal)) isNews = true
  for (const deal of changed) {
    const due = { offer: after.id, deal: deal.id }
    if (deal.state === 'pending') await putDue(tx, listing, due)
    else {
      // Answered: by this device, or by the one that sells it.
      dropDue(tx, due)
      if (await countForeign(tx, after, deal, listing, quantitiesOf(terms))) isNews = true
    }
  }
  if (isNews) {
    await planBooks(tx, listing, now)
    await planTelling(tx, listing, now)
  }
  if (changed.some(({ state }) => state === 'pending'))
    await putJob(tx, `sell/${listing}`, { kind: 'sell', listing }, now)
}

/** True if what was sold is something else now. */
const settleClaim = async (tx: StoreWriter, thread: OfferThread, deal: string): Promise<boolean> => {
  const claim = await getClaim(tx, thread.id, deal)
  if (claim === undefined) return false
  const state = claimStateIn(thread, claim)
  if (state === claim.state) return false
  if (state === undefined) dropClaim(tx, claim)
  else await putClaim(tx, { ...claim, state })
  await move(tx, claim, claim.state, state)
  return state === undefined
}

const move = async (
  tx: StoreWriter,
  { listing, quantities }: Pick<ClaimRow, 'listing' | 'quantities'>,
  from: ClaimRow['state'] | undefined,
  to: ClaimRow['state'] | undefined,
): Promise<void> => {
  const row = await getListingRow(tx, listing)
  if (row !== undefined) await putListingRow(tx, { ...row, taken: moved(row.taken, quantities, from, to) })
}

/** A deal that stands and was not concluded by this store: by another own device, or before a backup came back. */
const countForeign = async (
  tx: StoreWriter,
  thread: OfferThread,
  deal: Deal,
  listing: string,
  quantities: ClaimRow['quantities'],
): Promise<boolean> => {
  const claim = { listing, offer: thread.id, deal: deal.id, step: deal.head, quantities }
  const state = claimStateIn(thread, claim)
  if (state !== 'sold' || (await getClaim(tx, thread.id, deal.id)) !== undefined) return false
  await putClaim(tx, { ...claim, state })
  await move(tx, claim, undefined, state)
  return true
}
