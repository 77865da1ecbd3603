import type { ConversationId, MessageId } from '../../records/ids.ts'
import type {
  Offer,
  OfferEventId,
  OfferEventType,
  OfferThreadId,
  Reason,
  SettlementData,
  SettlementEvent,
  TermsDraft,
} from '../../records/offer.ts'
import type { Abortable } from '../../util/abort.ts'
import type { Page } from './page.ts'

export interface OfferOptions extends Abortable {
  /** What the caller was looking at, if it may not be what stands there now: a newer offer then is `offer/superseded`. */
  readonly head?: OfferEventId
  /** Which of several deals, by the step that made it. */
  readonly deal?: OfferEventId
  readonly reason?: Reason
  /** Idempotency key: the same key with the same step returns the first one, with another it is an error. */
  readonly clientId?: string
  /** Waits until the step stands in the conversation, and rejects where it counts for nobody. Default: durable. */
  readonly wait?: 'sent'
  /** ms, for `wait`; rejects with `transport/unconfirmed`. */
  readonly timeout?: number
}

/** A step on its way. */
export interface OfferStep {
  readonly offer: OfferThreadId
  readonly event: OfferEventId
  readonly type: OfferEventType
  /** The message that carries it. */
  readonly message: MessageId
}

/** What is done to an offer, as data. */
export type OfferAct =
  | { readonly type: 'propose'; readonly conversation: ConversationId; readonly terms: TermsDraft }
  | { readonly type: 'counter'; readonly offer: OfferThreadId; readonly terms: TermsDraft }
  | { readonly type: 'accept' | 'decline' | 'withdraw' | 'commit'; readonly offer: OfferThreadId }
  /** The seller's no to an acceptance; `data.available` is what is left. */
  | { readonly type: 'reject_commit'; readonly offer: OfferThreadId; readonly data?: SettlementData }
  | {
      readonly type: Exclude<SettlementEvent, 'cancel_propose' | 'cancel_accept'> | 'cancel'
      readonly offer: OfferThreadId
      readonly data?: SettlementData
    }

/** The live terms, named by a beginning of an id. */
export interface FoundOffer {
  readonly offer: Offer
  /** The step that the id named, if it was that of terms: answers are to name it. */
  readonly head?: OfferEventId
}

export interface OfferList {
  readonly conversation?: ConversationId
  readonly state?: Offer['state']
  readonly before?: string
  readonly limit?: number
}

/**
 * Trade offers (offers.md). Each step is judged here before it is sent, and again by everybody at its place in the
 * conversation, which alone counts. Steps reject with `offer/unknown`, `offer/superseded`, `offer/not-open`,
 * `offer/expired`, `offer/not-yours`, `offer/bad-terms`, `offer/unread-terms` or `offer/refused`, and change nothing then.
 */
export interface Offers {
  /** To the other person of a direct message, or to everybody in a group, unless `parties` says otherwise. */
  make(conversation: ConversationId, terms: TermsDraft, options?: OfferOptions): Promise<OfferStep>
  /** What `terms` leaves out stays as it is in the live ones. */
  counter(offer: OfferThreadId, terms: TermsDraft, options?: OfferOptions): Promise<OfferStep>
  accept(offer: OfferThreadId, options?: OfferOptions): Promise<OfferStep>
  decline(offer: OfferThreadId, options?: OfferOptions): Promise<OfferStep>
  withdraw(offer: OfferThreadId, options?: OfferOptions): Promise<OfferStep>
  /**
   * The seller asks for the money: the whole price, unless `data.amount` is a part of it, by the way that `data.rail` or the
   * terms name. An adapter of that way (`payments` of `createClient`) makes the request, watches it, and has it confirmed
   * once it is paid; without one `data` says in words where to pay, and the seller confirms by hand. Rejects with
   * `offer/bad-payment` for a request that does not fit the deal, and `offer/payment-trouble` where the rail cannot be asked.
   */
  requestPayment(offer: OfferThreadId, data?: SettlementData, options?: OfferOptions): Promise<OfferStep>
  /** The buyer says that it is paid. */
  reportPayment(offer: OfferThreadId, data?: SettlementData, options?: OfferOptions): Promise<OfferStep>
  /** The seller says that it came: with the rail's, the only word that counts. A rail that can look is asked first. */
  confirmPayment(offer: OfferThreadId, data?: SettlementData, options?: OfferOptions): Promise<OfferStep>
  fulfil(offer: OfferThreadId, data?: SettlementData, options?: OfferOptions): Promise<OfferStep>
  complete(offer: OfferThreadId, options?: OfferOptions): Promise<OfferStep>
  /** Proposes to cancel the deal, or agrees if the other side has proposed it. */
  cancel(offer: OfferThreadId, options?: OfferOptions): Promise<OfferStep>
  dispute(offer: OfferThreadId, data?: SettlementData, options?: OfferOptions): Promise<OfferStep>
  /** The moderator's word; `data.outcome` is what was decided. */
  resolve(offer: OfferThreadId, data: SettlementData, options?: OfferOptions): Promise<OfferStep>
  /** A step as data: the other verbs are this one with words of their own. */
  act(act: OfferAct, options?: OfferOptions): Promise<OfferStep>
  get(offer: OfferThreadId): Promise<Offer | undefined>
  /** By the beginning of an offer's id or of a step's with terms, 4 characters at least; undefined unless it names one. */
  find(id: string): Promise<FoundOffer | undefined>
  /** Newest change first. */
  list(options?: OfferList): Promise<Page<Offer>>
  /** Every offer once, newest change first, then each again when it changed. */
  stream(options?: Abortable & { conversation?: ConversationId }): AsyncIterable<Offer>
  /**
   * The receipt of an agreed deal: one file that proves it to anybody (`verifyReceipt`). The same at both sides, as long
   * as both have read the same. Rejects with `offer/no-receipt` where there is none.
   */
  receipt(offer: OfferThreadId, options?: { deal?: OfferEventId }): Promise<Uint8Array>
}
