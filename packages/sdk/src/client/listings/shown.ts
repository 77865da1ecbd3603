import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { isDchatError } from '../../errors.ts'
import { deviceOf } from '../../protocol/identity/log.ts'
import { decodeSignedListing, isSignedListing, listingHash } from '../../protocol/offers/listing.ts'
import type { ShownListing } from '../../records/listing.ts'
import type { OfferEvent, OfferThreadId } from '../../records/offer.ts'
import { fromHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { findThread } from '../offers/rows.ts'
import { getListingRow } from './rows.ts'

/** offers/shown/<hash>: a listing that came with an offer, as its seller signed it. */
const shownKey = (hash: string): string => `shown/${hash}`

/** What goes with own terms of an own listing, so that their reader has what they name. */
export const listingWith = async (tx: StoreReader, { terms }: OfferEvent): Promise<Uint8Array | undefined> => {
  if (terms?.listing === undefined) return undefined
  const row = await getListingRow(tx, terms.listing.id)
  return row && listingHash(decodeSignedListing(row.signed).body) === terms.listing.hash ? row.signed : undefined
}

/** Keeps the listing that came with terms. */
export type PutShown = (tx: StoreWriter) => void

/** If it is the one that the terms name, signed by a device of its seller; whatever else it is changes nothing. */
export const arrivedListing = async (
  core: Core,
  { terms }: OfferEvent,
  encoded: Uint8Array | undefined,
): Promise<PutShown | undefined> => {
  if (terms?.listing === undefined || encoded === undefined) return undefined
  const { hash, seller } = terms.listing
  try {
    const signed = decodeSignedListing(encoded)
    const { listing, body } = signed
    if (listingHash(body) !== hash || listing.seller !== seller) return undefined
    const log = await core.directory.get(seller)
    if (log === undefined || deviceOf(log, fromHex(listing.device) as Uint8Array) === undefined) return undefined
    if (!(await isSignedListing(core.crypto, signed))) return undefined
    return (tx) => tx.put('offers', { key: shownKey(hash), value: encoded })
  } catch (error) {
    if (!isDchatError(error)) throw error
    core.log.info('a listing was left out', { code: error.code })
    return undefined
  }
}

/** The listing that the live terms of an offer name. */
export const listingBehind = async (tx: StoreReader, offer: OfferThreadId): Promise<ShownListing | undefined> => {
  const named = (await findThread(tx, offer))?.thread?.revisions.at(-1)?.terms.listing
  if (named === undefined) return undefined
  const own = (await getListingRow(tx, named.id))?.signed
  for (const signed of [await tx.get<Uint8Array>('offers', shownKey(named.hash)), own]) {
    if (signed === undefined) continue
    const { listing, body } = decodeSignedListing(signed)
    if (listingHash(body) === named.hash) return { ...listing, hash: named.hash, signed }
  }
  return undefined
}
