import { lacking, moved, quantitiesOf } from '../../domain/offers/stock.ts'
import { dealAt, liveRevision, type OfferThread } from '../../domain/offers/thread.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import { decodeSignedListing } from '../../protocol/offers/listing.ts'
import type { ListingSnapshot, OfferEvent, Terms } from '../../records/offer.ts'
import type { Core } from '../core.ts'
import { planBooks } from './books.ts'
import { heldElsewhere } from './lease.ts'
import { getClaim, getListingRow, type ListingRow, putClaim, putListingRow, versionHash } from './rows.ts'
import { planTelling } from './wanted.ts'

/**
 * Own steps about an own listing, in the transaction that makes them durable: terms name a version that there was, and
 * what concludes a deal (a commitment, or the seller's own acceptance) reserves its stock, or is not made. There is no
 * other way by which a deal about a listing comes to stand, so what is sold never exceeds what there is.
 */
export const guardStock = async (
  tx: StoreWriter,
  core: Seller,
  thread: OfferThread | undefined,
  event: OfferEvent,
): Promise<void> => {
  const terms = event.terms ?? (thread && liveRevision(thread).terms)
  if (terms?.listing === undefined || terms.listing.seller !== core.self.address) return
  if (event.type === 'propose' || event.type === 'counter') await checkTerms(tx, core, terms, terms.listing)
  if (event.type === 'accept') {
    await checkTerms(tx, core, terms, terms.listing)
    await reserve(tx, core, terms, terms.listing, event, event.id)
  }
  const deal = event.type === 'commit' && thread ? dealAt(thread, event.prev) : undefined
  if (deal !== undefined) await reserve(tx, core, terms, terms.listing, event, deal.id)
}

/** Whose store it is: what of a client this asks. */
export interface Seller {
  readonly self: Pick<Core['self'], 'address' | 'device'>
  readonly clock: Pick<Core['clock'], 'now'>
}

const checkTerms = async (
  tx: StoreReader,
  core: Seller,
  { items }: Terms,
  { id, version, hash }: ListingSnapshot,
): Promise<void> => {
  const row = await sellable(tx, core, id)
  if ((await versionHash(tx, id, version)) !== hash)
    throw new DchatError('offer/bad-terms', { reason: 'they name a version of the listing that there never was' })
  const { listing } = decodeSignedListing(row.signed)
  if (items.some((item) => !listing.items.some((listed) => listed.id === item.id)))
    throw new DchatError('offer/bad-terms', { reason: 'they name an item that the listing does not have' })
}

/** The listing, where this device may sell of it. Throws `offer/held-elsewhere` and `offer/not-for-sale`. */
export const sellable = async (tx: StoreReader, { self }: Pick<Seller, 'self'>, id: string): Promise<ListingRow> => {
  const row = await getListingRow(tx, id)
  if (row !== undefined && row.holder !== self.device) throw heldElsewhere(id, row.holder)
  const fault = row === undefined ? 'this device does not know it' : NOT_SOLD[row.state]
  if (row === undefined || fault !== undefined)
    throw new DchatError('offer/not-for-sale', { listing: id, reason: fault ?? '' })
  return row
}

const NOT_SOLD: Readonly<Record<ListingRow['state'], string | undefined>> = {
  open: undefined,
  closed: 'it is closed',
  paused: 'it came back from a backup and was not taken over yet',
}

const reserve = async (
  tx: StoreWriter,
  core: Seller,
  terms: Terms,
  { id }: ListingSnapshot,
  event: OfferEvent,
  deal: string,
): Promise<void> => {
  const row = await sellable(tx, core, id)
  if ((await getClaim(tx, event.thread, deal)) !== undefined) return
  const { items } = decodeSignedListing(row.signed).listing
  const quantities = quantitiesOf(terms)
  const available = lacking(items, row.taken, quantities)
  if (available !== undefined) throw new DchatError('offer/out-of-stock', { listing: id, available })
  await putClaim(tx, { listing: id, offer: event.thread, deal, step: event.id, quantities, state: 'reserved' })
  await putListingRow(tx, { ...row, taken: moved(row.taken, quantities, undefined, 'reserved') })
  await planBooks(tx, id, core.clock.now())
  await planTelling(tx, id, core.clock.now())
}
