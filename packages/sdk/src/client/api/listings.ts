import type { DeviceId } from '../../records/ids.ts'
import type { Listing, ListingDraft, ShownListing } from '../../records/listing.ts'
import type { OfferThreadId, TermsDraft } from '../../records/offer.ts'
import type { Abortable } from '../../util/abort.ts'

/** An offer made from a listing: which items, how many, and what else it says. */
export type ListingOffer = Omit<TermsDraft, 'items' | 'listing'> & {
  /** By the item's id. Left out: one piece of the only item. */
  readonly items?: readonly { readonly id: string; readonly quantity?: number }[]
}

export interface TakeOver extends Abortable {
  /** ms to wait for the device that sells it, which is asked to let it go. Default 0. */
  readonly wait?: number
  /** Sells on, though this device missed steps of offers and cannot know what was agreed in them: on the seller's own word. */
  readonly uncounted?: boolean
}

/**
 * What this person sells (offers.md, "Listings"). Stock is kept by one device, at first the one that made the listing: it
 * confirms who accepts an offer made from it, in the order in which it learns of them, as long as there is enough, and tells
 * the others at once what is left. The other own devices see the listing, and what sells or changes it rejects there with
 * `offer/held-elsewhere`. Verbs reject with `offer/unknown-listing`, and for a listing that is not sound with `offer/bad-terms`.
 */
export interface Listings {
  /** `clientId`: the same key again returns the first listing. */
  create(draft: ListingDraft, options?: { readonly clientId?: string }): Promise<Listing>
  /**
   * Signs the next version; what is left out stays. Offers keep the version that they were made from. Rejects with
   * `usage/invalid-argument` where less would be for sale than is sold or reserved.
   */
  edit(id: string, changes: Partial<ListingDraft>): Promise<Listing>
  /** Nothing more is sold; who accepts from now on is told. Deals that stand stay. */
  close(id: string): Promise<Listing>
  /**
   * Lets another own device sell it, by its id; nothing is sold until that one has read it. Rejects with
   * `offer/not-counted` while commitments to takers are on their way.
   */
  handOver(id: string, device: DeviceId): Promise<Listing>
  /**
   * Sells it on this device. The one that sells it now is asked to let it go, which it does by itself when it is on: until
   * then this rejects with `offer/held-elsewhere`, and what was asked stands. Where that device is revoked, and where this
   * one came back from a backup, what was sold is counted from the conversations first: rejects with `offer/not-counted` as
   * long as they do not tell.
   */
  takeOver(id: string, options?: TakeOver): Promise<Listing>
  get(id: string): Promise<Listing | undefined>
  /**
   * What an offer was made from, as its seller signed it, at whoever has the offer: of the live terms. Undefined where they
   * name none, or where it did not come with them.
   */
  of(offer: OfferThreadId): Promise<ShownListing | undefined>
  /** Newest change first. */
  list(): Promise<readonly Listing[]>
  /** Each once, newest change first, then each again when it changed. */
  stream(options?: Abortable): AsyncIterable<Listing>
  /** Terms for `client.offers.make` and `counter`, with the listing's snapshot. Rejects with `offer/out-of-stock`. */
  terms(id: string, offer?: ListingOffer): Promise<TermsDraft>
}
