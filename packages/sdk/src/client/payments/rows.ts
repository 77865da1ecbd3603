import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { PaymentOrder, PaymentRequest } from '../../ports/payment.ts'
import type { OfferEventId } from '../../records/offer.ts'
import { nextCount } from '../conversation-store.ts'

/** offers/payment/<request id>, scope 'payments' until it is over, position: order of change. At the payee's device. */
export interface PaymentRow {
  readonly order: PaymentOrder
  readonly rail: string
  /** Absent while the rail has not answered yet. */
  readonly request?: PaymentRequest
  /** over: nothing more is heard of it. */
  readonly state: 'asked' | 'open' | 'paid' | 'over'
}

const SCOPE = 'payments'
const LIMIT = 10_000
const OPEN: readonly PaymentRow['state'][] = ['asked', 'open']

const keyOf = (requestId: string): string => `payment/${requestId}`

export const getPayment = (tx: StoreReader, requestId: string): Promise<PaymentRow | undefined> =>
  tx.get<PaymentRow>('offers', keyOf(requestId))

export const putPayment = async (tx: StoreWriter, row: PaymentRow): Promise<void> => {
  const position = await nextCount(tx, 'offers')
  const listed = OPEN.includes(row.state) ? { scope: SCOPE, position } : {}
  tx.put('offers', { key: keyOf(row.order.requestId), ...listed, value: row })
}

/** Those of which something may still be heard, oldest first. */
export const openPayments = async (tx: StoreReader): Promise<readonly PaymentRow[]> =>
  (await tx.page<PaymentRow>('offers', { scope: SCOPE, limit: LIMIT })).map(({ value }) => value)

/** What a deal's payee asked for last, and waits for. */
export const openPaymentOf = async (tx: StoreReader, deal: OfferEventId): Promise<PaymentRow | undefined> =>
  (await openPayments(tx)).findLast(({ order, state }) => order.deal === deal && state === 'open')
