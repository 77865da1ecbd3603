import { dealAt } from '../../domain/offers/thread.ts'
import { isSameMoney } from '../../domain/payments/faults.ts'
import { DchatError } from '../../errors.ts'
import type { OfferThreadId, SettlementData } from '../../records/offer.ts'
import type { OfferOptions, OfferStep } from '../api/offers.ts'
import type { Core } from '../core.ts'
import { actOnOffer, madeStep, tryStep } from '../offers/act.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { adapterOf, asking } from './rails.ts'
import { openPaymentOf, type PaymentRow, putPayment } from './rows.ts'

interface ConfirmPayment {
  readonly type: 'pay_confirmed'
  readonly offer: OfferThreadId
  readonly data?: SettlementData
}

/** The payee says that the money came; a rail that can look is asked first. */
export const confirmPayment = async (
  core: Core,
  rooms: Rooms,
  act: ConfirmPayment,
  options: OfferOptions,
): Promise<OfferStep> => {
  if ((await madeStep(core, act, options)) !== undefined) return actOnOffer(core, rooms, act, options)
  const { expected, event } = await tryStep(core, act, options)
  const deal = expected && dealAt(expected, event.prev)
  const row = deal && (await core.store.read((tx) => openPaymentOf(tx, deal.id)))
  if (row === undefined) return actOnOffer(core, rooms, act, options)
  const reference = await lookUp(core, row, options)
  const { rail, order } = row
  const data = { rail, request: order.requestId, ...(reference === undefined ? {} : { reference }), ...act.data }
  return actOnOffer(core, rooms, act, options, {
    signed: { ...act, data },
    also: (tx) => putPayment(tx, { ...row, state: 'paid' }),
  })
}

/** Throws `offer/bad-payment` where the rail knows of no such payment; undefined or what the payment is known by. */
const lookUp = async (
  core: Core,
  { rail: name, order, request }: PaymentRow,
  options: OfferOptions,
): Promise<string | undefined> => {
  const rail = adapterOf(core, name)
  if (rail?.confirm === undefined || request === undefined) return undefined
  const found = await asking(core, name, options, async (signal) => rail.confirm?.(request, { signal }))
  if (found?.state === 'by-hand') return undefined
  if (found?.state !== 'paid')
    throw new DchatError('offer/bad-payment', { rail: name, reason: 'it was not paid there' })
  if (!isSameMoney(found.amount, order.amount))
    throw new DchatError('offer/bad-payment', { rail: name, reason: 'another amount was paid there' })
  return found.reference
}
