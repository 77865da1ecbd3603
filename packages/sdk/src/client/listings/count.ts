import { claimStateIn, moved, quantitiesOf } from '../../domain/offers/stock.ts'
import { liveRevision, type OfferThread } from '../../domain/offers/thread.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { OfferEventId } from '../../records/offer.ts'
import { findThread, isWhole, type ThreadRow } from '../offers/rows.ts'
import type { RoomRecord } from '../records.ts'
import { toldDeals } from './books.ts'
import { type ClaimRow, claimsOf, dropClaim, type ListingRow, putClaim, putDue } from './rows.ts'
import { noteWanted } from './wanted.ts'

const PAGE = 500

/** Every offer of a listing that this device knows, with the words of its topic. */
const threadsOf = async (
  tx: StoreReader,
  listing: string,
): Promise<readonly (ThreadRow & { readonly thread: OfferThread })[]> => {
  const found: (ThreadRow & { readonly thread: OfferThread })[] = []
  for (let after: number | undefined; ; ) {
    const query = { scope: 'threads', limit: PAGE, ...(after === undefined ? {} : { after }) }
    const rows = await tx.page<ThreadRow>('offers', query)
    for (const { value } of rows) {
      const { thread } = value
      if (thread !== undefined && liveRevision(thread).terms.listing?.id === listing) found.push({ ...value, thread })
    }
    after = rows[rows.length - 1]?.position
    if (after === undefined || rows.length < PAGE) return found
  }
}

/** Offers of a listing of which this device missed steps. */
export const countTorn = async (tx: StoreReader, listing: string): Promise<number> => {
  let torn = 0
  for (const row of await threadsOf(tx, listing)) if (!(await isKnown(tx, row))) torn += 1
  return torn
}

const isKnown = async (tx: StoreReader, row: ThreadRow): Promise<boolean> =>
  isWhole(row, await tx.get<RoomRecord>('rooms', row.room))

/**
 * Counts a listing anew: by the offers that are here, and by what its holder told. `handed`: by the one that gave it, with
 * nothing reserved, so all that it told is sold unless the topic says otherwise; `taken`: by one that is gone, so where
 * this device knows the whole offer, that says what became of it. Writes claims and who waits; the row is the caller's.
 */
export const recount = async (tx: StoreWriter, row: ListingRow, how: 'handed' | 'taken'): Promise<ListingRow> => {
  const { id } = row
  const claims = new Map<OfferEventId, ClaimRow>()
  for (const known of await claimsOf(tx, id)) {
    dropClaim(tx, known)
    const thread = (await findThread(tx, known.offer))?.thread
    const state = thread === undefined ? known.state : claimStateIn(thread, known)
    if (state !== undefined) claims.set(known.deal, { ...known, state })
  }
  const waiting: { readonly at: number; readonly offer: string; readonly deal: string }[] = []
  for (const { id: offer, thread, left } of await threadsOf(tx, id)) {
    await noteWanted(tx, id, thread, left)
    const quantities = quantitiesOf(liveRevision(thread).terms)
    for (const { id: deal, head, state, at } of thread.deals) {
      if (state === 'pending') waiting.push({ at, offer, deal })
      else if (state !== 'rejected' && state !== 'cancelled')
        claims.set(deal, { listing: id, offer, deal, step: claims.get(deal)?.step ?? head, quantities, state: 'sold' })
    }
  }
  for (const told of (await toldDeals(tx, id)) ?? [])
    if (!claims.has(told.deal) && (await stands(tx, told, how))) claims.set(told.deal, told)
  let taken: ListingRow['taken'] = []
  for (const claim of claims.values()) {
    await putClaim(tx, claim)
    taken = moved(taken, claim.quantities, undefined, claim.state)
  }
  for (const { offer, deal } of waiting.sort((a, b) => a.at - b.at)) await putDue(tx, id, { offer, deal })
  return { ...row, taken }
}

/** A deal that was told, and that the offers here do not show. */
const stands = async (tx: StoreReader, told: ClaimRow, how: 'handed' | 'taken'): Promise<boolean> => {
  const row = await findThread(tx, told.offer)
  if (row?.thread === undefined) return true
  // Over, by the topic: rejected, cancelled, or refused.
  if (claimStateIn(row.thread, told) === undefined) return false
  return how === 'handed' || !(await isKnown(tx, row))
}
