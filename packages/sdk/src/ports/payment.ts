import type { Address } from '../records/ids.ts'
import type { Money, OfferEventId, OfferThreadId } from '../records/offer.ts'
import type { Abortable } from '../util/abort.ts'

/** What is owed by a deal, and how its payee asks for it. */
export interface PaymentOrder {
  /** 32 hexadecimal characters, chosen before the rail is asked: the same order again carries the same one. */
  readonly requestId: string
  readonly offer: OfferThreadId
  /** The step that made the deal. */
  readonly deal: OfferEventId
  readonly amount: Money
  readonly payee: Address
  /** Who owes it: several where they signed jointly. */
  readonly payers: readonly Address[]
  /** ms since 1970: until when the terms want it paid. */
  readonly deadline?: number
  /** What the payee says by hand; a rail takes of it what it has use for. */
  readonly uri?: string
  readonly reference?: string
  readonly memo?: string
}

/** What the payer is shown, and pays by. */
export interface PaymentRequest {
  /** The order's. */
  readonly requestId: string
  /** The rail's name. */
  readonly rail: string
  /** Exactly the order's: nothing is added and nothing rounded. */
  readonly amount: Money
  /** Where to pay, at most 2,048 characters. */
  readonly uri?: string
  /** What the payment is to be known by, at most 256 characters. */
  readonly reference?: string
  /** For people, at most 1,000 characters. */
  readonly memo?: string
  /** ms since 1970; what comes later is not taken by the rail. Absent: it stays open. */
  readonly expiresAt?: number
}

/** How far a payment has come, by the word of its rail. All but the first two are final. */
export type PaymentState =
  | { readonly state: 'open' }
  /** On its way, and not certain: counts for nothing yet. */
  | { readonly state: 'seen'; readonly reference?: string }
  /** Final: the rail answers for it. */
  | { readonly state: 'paid'; readonly amount: Money; readonly reference?: string }
  | { readonly state: 'expired' }
  | { readonly state: 'failed'; readonly reason: string }
  /** The rail cannot tell: the payee looks for the money, and says by hand that it came. */
  | { readonly state: 'by-hand' }

/**
 * One way to be paid, at the payee's device: it makes requests, watches them and confirms. The client never holds money, and
 * believes nobody but the payee and the payee's rail. Methods reject with the reason of a signal that is aborted; any other
 * error is taken for trouble that passes, unless it is a `DchatError` that does not. Whoever made the rail closes it.
 */
export interface PaymentRail {
  /** Its name in terms and requests, 1 to 32 characters. */
  readonly rail: string
  /** The same `requestId` again, even after a restart, gives the same request and never a second one to be paid. */
  request(order: PaymentOrder, options?: Abortable): Promise<PaymentRequest>
  /**
   * Tells how the request stands at once, then each change, and ends after a final state: one that was reached before,
   * even while nobody watched, is told too. Ends early with `close` only.
   */
  watch(request: PaymentRequest, options?: Abortable): AsyncIterable<PaymentState>
  /** Looks now, where the payee is about to say that the money came. Absent: the payee's own word is all there is. */
  confirm?(request: PaymentRequest, options?: Abortable): Promise<PaymentState>
  /** Ends every watch. Idempotent. */
  close(): Promise<void>
}
