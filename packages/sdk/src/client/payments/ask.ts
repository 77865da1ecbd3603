import { buyersOf, dealAt, type OfferThread } from '../../domain/offers/thread.ts'
import { requestFault } from '../../domain/payments/faults.ts'
import { DchatError } from '../../errors.ts'
import type { PaymentOrder, PaymentRequest } from '../../ports/payment.ts'
import { moneyFault, sameUnit } from '../../protocol/offers/money.ts'
import { type CborValue, encodeCbor } from '../../protocol/wire/cbor.ts'
import type { OfferEvent, OfferThreadId, SettlementData } from '../../records/offer.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import type { OfferOptions, OfferStep } from '../api/offers.ts'
import type { Core } from '../core.ts'
import { getClaim, getListingRow } from '../listings/rows.ts'
import { actOnOffer, madeStep, type TriedStep, tryStep } from '../offers/act.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { asking, chosenRail, railOf } from './rails.ts'
import { openPayments, type PaymentRow, putPayment } from './rows.ts'

interface AskPayment {
  readonly type: 'pay_request'
  readonly offer: OfferThreadId
  readonly data?: SettlementData
}

/**
 * The payee asks for the money: first whether the step counts and the stock is there, then the rail, then the payer. The
 * order is stored before the rail hears of it, so whatever is cut off goes on with the same request.
 */
export const askPayment = async (
  core: Core,
  rooms: Rooms,
  act: AskPayment,
  options: OfferOptions,
): Promise<OfferStep> => {
  if ((await madeStep(core, act, options)) !== undefined) return actOnOffer(core, rooms, act, options)
  const tried = await tryStep(core, act, options)
  const row = await placeOrder(core, tried, act.data)
  const rail = railOf(core, row.rail)
  const request = await asking(core, rail.rail, options, async (signal) => {
    const given = await rail.request(row.order, { signal })
    const fault = requestFault(given, row.order, rail.rail, tried.now)
    if (fault === undefined) return given
    throw new DchatError('offer/bad-payment', { rail: rail.rail, reason: fault })
  })
  return actOnOffer(core, rooms, act, options, {
    signed: { ...act, data: dataOf(request, act.data) },
    also: (tx) => putPayment(tx, { ...row, request, state: 'open' }),
  })
}

const placeOrder = async (
  core: Core,
  { expected, event }: TriedStep,
  data: SettlementData = {},
): Promise<PaymentRow> => {
  const thread = expected as OfferThread
  const wanted = orderOf(core, thread, event, data)
  const rail = chosenRail(core, termsOf(thread, wanted.deal), data.rail)
  return core.store.write(async (tx) => {
    const { listing } = termsOf(thread, wanted.deal)
    const isOurs = listing !== undefined && (await getListingRow(tx, listing.id)) !== undefined
    if (isOurs && (await getClaim(tx, thread.id, wanted.deal)) === undefined)
      throw new DchatError('offer/not-for-sale', { listing: listing.id, reason: 'nothing is kept for this deal' })
    const form = (order: PaymentOrder) => encodeCbor({ ...order, requestId: '' } as unknown as CborValue)
    const open = (await openPayments(tx)).find(
      (row) => row.state === 'asked' && row.rail === rail && equalBytes(form(row.order), form(wanted)),
    )
    const row = open ?? { order: wanted, rail, state: 'asked' }
    if (open === undefined) await putPayment(tx, row)
    return row
  })
}

const termsOf = ({ revisions, deals }: OfferThread, id: string) => {
  const deal = deals.find((one) => one.id === id)
  return (revisions.find((revision) => revision.id === deal?.revision) ?? revisions[0]).terms
}

const orderOf = (core: Core, thread: OfferThread, { prev }: OfferEvent, data: SettlementData): PaymentOrder => {
  const deal = dealAt(thread, prev)
  if (deal === undefined) throw new DchatError('offer/not-open', { offer: thread.id, state: thread.state })
  const { price, payment } = termsOf(thread, deal.id)
  const { amount = price.total, uri, reference, note } = data
  const refuse = (reason: string) => new DchatError('usage/invalid-argument', { name: 'amount', reason })
  const fault = moneyFault(amount)
  if (fault !== undefined) throw refuse(fault)
  if (!sameUnit(amount, price.total)) throw refuse('it is of another currency than the price')
  if (BigInt(amount.minor) <= BigInt(0) || BigInt(amount.minor) > BigInt(price.total.minor))
    throw refuse('it is more than the price, or nothing')
  const deadline = payment?.deadline
  return {
    requestId: toHex(core.crypto.random(16)),
    offer: thread.id,
    deal: deal.id,
    amount,
    payee: core.self.address,
    payers: buyersOf(thread, deal),
    ...(deadline === undefined || deal.agreedAt === undefined ? {} : { deadline: deal.agreedAt + deadline * 1000 }),
    ...(uri === undefined ? {} : { uri }),
    ...(reference === undefined ? {} : { reference }),
    ...(note === undefined ? {} : { memo: note }),
  }
}

const dataOf = (
  { requestId, rail, amount, uri, reference, memo, expiresAt }: PaymentRequest,
  data?: SettlementData,
) => ({
  ...data,
  rail,
  request: requestId,
  amount,
  ...(uri === undefined ? {} : { uri }),
  ...(reference === undefined ? {} : { reference }),
  ...(memo === undefined ? {} : { note: memo }),
  ...(expiresAt === undefined ? {} : { expiresAt }),
})
