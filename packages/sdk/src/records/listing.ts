import type { Address, DeviceId } from './ids.ts'
import type { Money, OfferDelivery, OfferPayment } from './offer.ts'

/** What is for sale under one listing. */
export interface ListingItem {
  /** What items of offers name; the item's number unless told. */
  readonly id: string
  readonly title: string
  readonly unitPrice?: Money
  /** Pieces there are for sale over all versions, those that are sold by now included. */
  readonly stock: number
  readonly attributes?: Readonly<Record<string, string>>
}

/** What offers made from a listing take from it unless they say otherwise. */
export interface ListingTerms {
  /** Seconds, 600 to 2,592,000. */
  readonly expiresIn?: number
  readonly revocable?: boolean
  readonly delivery?: OfferDelivery
  readonly payment?: OfferPayment
  readonly refund?: string
  readonly language?: string
}

/** One version of a listing, as its seller's device signed it. */
export interface ListingBody {
  /** 32 hexadecimal characters. */
  readonly id: string
  /** From 1; each edit is one more. */
  readonly version: number
  readonly seller: Address
  /** The signature key of the device, hexadecimal. */
  readonly device: string
  /** The seller's clock, ms since 1970: shown, never judged. */
  readonly at: number
  readonly title: string
  readonly items: readonly ListingItem[]
  readonly terms?: ListingTerms
  /** Markdown, 4 KiB of UTF-8 at most. */
  readonly text?: string
}

/** A listing as its seller gives it. */
export interface ListingDraft extends Pick<ListingBody, 'title' | 'terms' | 'text'> {
  /** `stock` defaults to 1, `id` to the item's number. */
  readonly items: readonly (Partial<ListingItem> & Pick<ListingItem, 'title'>)[]
}

/** How much of an item there is. */
export interface ListingStock {
  /** The item. */
  readonly id: string
  readonly stock: number
  /** Promised by a commitment that is on its way. */
  readonly reserved: number
  /** In deals that stand. */
  readonly sold: number
  /** What is left: never less than 0. */
  readonly available: number
}

/** One version of a listing with its signature: whoever has an offer made from it can show what it was. */
export interface ShownListing extends ListingBody {
  /** SHA-256 over what was signed: `terms.listing.hash` of offers made from this version. */
  readonly hash: string
  /** CBOR [body, signature]. */
  readonly signed: Uint8Array
}

/** An own listing. */
export interface Listing extends ShownListing {
  /** `paused`: it came back from a backup, which cannot know what was sold since: nothing is sold until `takeOver`. */
  readonly state: 'open' | 'closed' | 'paused'
  /** The own device that sells it: the others see it, and can ask for it (`takeOver`). */
  readonly holder: DeviceId
  /** This device is the one that sells it. */
  readonly isHere: boolean
  /** What there is of each item; where it is not sold here, as far as this device knows. */
  readonly left: readonly ListingStock[]
}
