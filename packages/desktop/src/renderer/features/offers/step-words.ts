import { formatMoney, type OfferEvent, type OfferEventType } from '@dchat/sdk'

const DID: Readonly<Record<OfferEventType, string>> = {
  propose: 'offered',
  counter: 'countered with',
  accept: 'accepted',
  commit: 'confirmed',
  reject_commit: 'could not confirm',
  decline: 'declined',
  withdraw: 'withdrew the offer',
  pay_request: 'asked for',
  pay_submitted: 'reported the payment',
  pay_confirmed: 'received the payment',
  fulfilled: 'delivered',
  complete: 'received it and completed the deal',
  cancel_propose: 'proposed to cancel',
  cancel_accept: 'agreed to cancel',
  dispute: 'disputed the deal',
  resolve: 'decided the dispute',
}

/** What somebody did with a step, after their name: "countered with 105.00 EUR". */
export const stepWords = ({ type, terms, data }: Pick<OfferEvent, 'type' | 'terms' | 'data'>): string => {
  if (typeof type !== 'string') return 'took a step that needs a newer version'
  const amount = terms?.price.total ?? (type === 'pay_request' ? data?.amount : undefined)
  if (type === 'pay_request' && amount === undefined) return 'asked for the payment'
  return amount === undefined ? DID[type] : `${DID[type]} ${formatMoney(amount)}`
}
