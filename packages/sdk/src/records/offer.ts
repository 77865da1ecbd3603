import type { Address, ConversationId } from './ids.ts'

/** An amount in whole minor units, as text, because amounts exceed what a float holds: 12.50 EUR is 1250, EUR, 2. */
export interface Money {
  /** A decimal integer without leading zeros; negative for discounts only. */
  readonly minor: string
  /** An ISO 4217 code, or the code of another asset: 2 to 12 of A to Z and 0 to 9. */
  readonly currency: string
  /** Decimal places of the minor unit: ISO 4217's where it knows the code, 0 to 18 otherwise. */
  readonly exponent: number
}

/** What the person does who opened the thread; it stays the same over all counters. */
export const OFFER_ROLES = ['sell', 'buy', 'service', 'swap'] as const
export type OfferRole = (typeof OFFER_ROLES)[number]

export interface OfferItem {
  readonly id: string
  readonly title: string
  readonly quantity: number
  readonly unitPrice?: Money
  readonly attributes?: Readonly<Record<string, string>>
}

export const LINE_KINDS = ['goods', 'shipping', 'tax', 'fee', 'discount'] as const
export type LineKind = (typeof LINE_KINDS)[number]

export interface PriceLine {
  readonly kind: LineKind
  readonly amount: Money
  readonly label?: string
}

/** A listing as it was when the offer was made: the offer stays what it is when the listing changes. */
export interface ListingSnapshot {
  /** 32 hexadecimal characters. */
  readonly id: string
  readonly version: number
  readonly seller: Address
  /** SHA-256 over the listing's signed form, hexadecimal. */
  readonly hash: string
}

export interface OfferAttachment {
  /** SHA-256 over the content, hexadecimal. */
  readonly hash: string
  readonly size: number
  readonly mediaType: string
  readonly name: string
}

export interface OfferDelivery {
  readonly mode: 'pickup' | 'ship' | 'digital' | 'none'
  readonly place?: string
  /** Milliseconds since 1970. */
  readonly from?: number
  readonly until?: number
}

export interface OfferPayment {
  /** Names of ways to pay, the preferred one first: 'manual', … */
  readonly rails: readonly string[]
  readonly timing: 'before' | 'on' | 'after'
  /** Who decides a dispute; a member of the conversation, and no party of the offer. */
  readonly moderator?: Address
  /** Seconds after the agreement. */
  readonly deadline?: number
}

/** What is signed. No fractions anywhere; one currency; `total` is the sum of `lines`. */
export interface Terms {
  readonly role: OfferRole
  readonly items: readonly OfferItem[]
  readonly price: { readonly total: Money; readonly lines: readonly PriceLine[] }
  /** Seconds after the accepted time of the offer, 600 to 2,592,000. */
  readonly expiresIn: number
  /** False: the author cannot withdraw it. */
  readonly revocable: boolean
  /** Who may answer. Empty: everybody in the conversation but the author. With `threshold`: all who sign, the author too. */
  readonly parties: readonly Address[]
  /** How many people may accept, the first ones in the topic's order. */
  readonly takers: number
  /** So many of `parties` sign the same terms; absent: one acceptance concludes. */
  readonly threshold?: number
  readonly listing?: ListingSnapshot
  readonly delivery?: OfferDelivery
  readonly payment?: OfferPayment
  /** Markdown, 4 KiB of UTF-8 at most. */
  readonly text?: string
  readonly refund?: string
  readonly attachments?: readonly OfferAttachment[]
  /** A BCP 47 tag. */
  readonly language?: string
  /** Names of fields that this version does not know. They are signed too: who cannot read them does not accept. */
  readonly unread?: readonly string[]
}

/** Terms as their author gives them: what is left out goes without saying (a day to answer, one taker, may be withdrawn). */
export type TermsDraft = Partial<Omit<Terms, 'items' | 'price' | 'unread'>> & {
  /** `id` defaults to the item's number, `quantity` to 1. */
  readonly items?: readonly (Partial<OfferItem> & Pick<OfferItem, 'title'>)[]
  /** Left out: the items at their unit prices. A total alone: the difference to them becomes a discount or a fee. */
  readonly price?: { readonly total?: Money; readonly lines?: readonly PriceLine[] }
}

/** Steps after the agreement. */
export const SETTLEMENT_EVENTS = [
  'pay_request',
  'pay_submitted',
  'pay_confirmed',
  'fulfilled',
  'complete',
  'cancel_propose',
  'cancel_accept',
  'dispute',
  'resolve',
] as const
export type SettlementEvent = (typeof SETTLEMENT_EVENTS)[number]

export const OFFER_EVENTS = [
  'propose',
  'counter',
  'accept',
  'commit',
  'reject_commit',
  'decline',
  'withdraw',
  ...SETTLEMENT_EVENTS,
] as const
export type OfferEventType = (typeof OFFER_EVENTS)[number]

/** Why an action counts for nobody, or why somebody said no: a closed set. */
export const REASONS = [
  'not_available',
  'out_of_stock',
  'expired',
  'withdrawn_first',
  'changed',
  'superseded',
  'not_open',
  'own_offer',
  'not_party',
  'bad_signature',
  'bad_terms',
  'amount_out_of_range',
  'currency_not_accepted',
  'price_deviation',
  'too_many_requests',
  'blocked',
  'duplicate_of',
  'payment_failed',
  'timeout',
  'internal',
] as const
export type Reason = (typeof REASONS)[number]

/** Hexadecimal: 32 bytes. */
export type OfferEventId = string
/** Hexadecimal: 16 random bytes. */
export type OfferThreadId = string

/** A request to pay, a report of it, or a decision: what travels with a settlement event. */
export interface SettlementData {
  /** The way to pay. */
  readonly rail?: string
  /** What a payment and all that is said of it are known by among programs. */
  readonly request?: string
  /** Where to pay. */
  readonly uri?: string
  /** What the payment is to be known by, or is known by. */
  readonly reference?: string
  readonly amount?: Money
  /** ms since 1970: until when a request is good. Shown, never judged. */
  readonly expiresAt?: number
  readonly note?: string
  /** `resolve` only: what the moderator decided. */
  readonly outcome?: 'release' | 'refund' | 'split'
  /** `reject_commit` only: what is left. */
  readonly available?: number
}

/** One signed step of a negotiation or settlement, decoded. */
export interface OfferEvent {
  readonly id: OfferEventId
  readonly conversation: ConversationId
  readonly thread: OfferThreadId
  /** A type that a later version knows is kept, and changes nothing. */
  readonly type: OfferEventType | { readonly unknown: string }
  /** 0 for the first, else one more than that of `prev`. */
  readonly seq: number
  /** What the action answers: the live offer, or the last step of the deal. */
  readonly prev?: OfferEventId
  readonly author: Address
  /** The device's signature key, hexadecimal. */
  readonly device: string
  /** The author's clock, ms since 1970: shown, never judged. */
  readonly at: number
  readonly terms?: Terms
  /** Of the terms that are made or answered, hexadecimal. */
  readonly termsHash?: string
  readonly reason?: Reason
  readonly data?: SettlementData
}

/** One version of the terms on the table. */
export interface OfferTerms {
  /** The step that made them: what an answer names. */
  readonly id: OfferEventId
  readonly author: Address
  readonly terms: Terms
  /** ms since 1970, by the relay's clock. */
  readonly acceptedAt: number
  readonly expiresAt: number
}

export type OfferState =
  /** Made here, and not read back yet. */
  | 'sending'
  | 'open'
  /** As many accepted as may. */
  | 'taken'
  | 'declined'
  | 'withdrawn'
  /** Its time is over. A view by the relay's clock: what counts is the accepted time of an answer. */
  | 'expired'
  /** The seller could not commit. */
  | 'void'

export type OfferDealState =
  /** Waits for the seller's device, whose stock is shared by several conversations. */
  | 'pending'
  | 'rejected'
  /** The seller's device did not answer in time. */
  | 'lapsed'
  | 'agreed'
  | 'completed'
  | 'cancelled'
  | 'disputed'
  | 'resolved'

/** What came of an acceptance, and how far it is settled. */
export interface OfferDeal {
  /** The step that made it. */
  readonly id: OfferEventId
  /** The terms that were accepted. */
  readonly terms: OfferEventId
  readonly takers: readonly Address[]
  readonly state: OfferDealState
  /** ms since 1970, by the relay's clock. */
  readonly at: number
  readonly agreedAt?: number
  readonly payment: 'none' | 'requested' | 'submitted' | 'paid'
  /** What the seller asked for last: how much, how and where. */
  readonly request?: SettlementData
  readonly fulfilledBy: readonly Address[]
  /** Who proposed to cancel it. */
  readonly cancelBy?: Address
  readonly reason?: Reason
  readonly outcome?: 'release' | 'refund' | 'split'
}

/** A negotiation with everything that came of it. */
export interface Offer {
  readonly id: OfferThreadId
  readonly conversation: ConversationId
  /** The step that put the live terms on the table: what an answer names unless it says otherwise. */
  readonly head: OfferEventId
  /** Whose role the terms name. */
  readonly opener: Address
  readonly author: Address
  readonly terms: Terms
  readonly state: OfferState
  readonly reason?: Reason
  /** ms since 1970. */
  readonly expiresAt: number
  /** Oldest first; the last one is live. */
  readonly history: readonly OfferTerms[]
  /** Who signed the live terms of a joint offer. */
  readonly signers: readonly Address[]
  readonly declined: readonly Address[]
  readonly deals: readonly OfferDeal[]
  /**
   * Of a listing: what its seller told last to be left of what the live terms ask for. Told to who has an open offer when
   * there is not enough for it any more, and when there is again, and to who accepted too late; absent: nothing was told.
   */
  readonly available?: number
  /** This device missed steps while it was out of the conversation: how the offer stands it cannot tell. */
  readonly incomplete?: true
  /** Own steps that are on their way. */
  readonly pending: readonly OfferEventType[]
}
