import { STOCK_NOTICE } from '../../protocol/offers/event.ts'
import { formatMoney } from '../../protocol/offers/money.ts'
import type { OfferEvent, OfferEventId, OfferEventType, OfferItem, SettlementData, Terms } from '../../records/offer.ts'

const SHOWN_ITEMS = 3

/** What people say and type: the beginning of the id of the step that put the terms on the table. */
export const shortId = (id: OfferEventId): string => id.slice(0, 8)

const itemText = ({ title, quantity }: OfferItem): string => `${quantity} × ${title}`

const itemsText = (items: readonly OfferItem[]): string => {
  const more = items.length - SHOWN_ITEMS
  return `${items.slice(0, SHOWN_ITEMS).map(itemText).join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

/** `EUR 120.00`: the code first, as in prose. */
const moneyText = (money: Parameters<typeof formatMoney>[0]): string =>
  formatMoney(money).split(' ').reverse().join(' ')

const SPANS = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
] as const

const spanText = (seconds: number): string => {
  const [name, unit] = SPANS.find(([, length]) => seconds % length === 0) ?? (['second', 1] as const)
  const count = seconds / unit
  return count === 1 ? `1 ${name}` : `${count} ${name}s`
}

/** Terms in one line, without whose they are. */
const termsText = ({ items, price, expiresIn }: Terms): string =>
  `${itemsText(items)}, ${moneyText(price.total)}, open for ${spanText(expiresIn)}`

const PLAIN: Readonly<Record<Exclude<OfferEventType, 'propose' | 'counter'>, string>> = {
  accept: 'accepted',
  commit: 'confirmed by the seller',
  reject_commit: 'not confirmed by the seller',
  decline: 'declined',
  withdraw: 'withdrawn',
  pay_request: 'payment requested',
  pay_submitted: 'reported as paid',
  pay_confirmed: 'payment received',
  fulfilled: 'handed over',
  complete: 'completed',
  cancel_propose: 'to be cancelled, if the other side agrees',
  cancel_accept: 'cancelled by both',
  dispute: 'disputed',
  resolve: 'decided by the moderator',
}

const dataText = ({ amount, uri, reference, outcome, available, note }: SettlementData): string =>
  [
    amount && moneyText(amount),
    uri,
    reference && `reference ${reference}`,
    outcome,
    available !== undefined && `${available} left`,
    note,
  ]
    .filter((part) => part)
    .join(', ')

const otherText = (type: OfferEvent['type']): string =>
  typeof type !== 'string' && type.unknown === STOCK_NOTICE ? 'what the seller has of it' : 'a step that is not known'

/** The sentence that travels beside a step, for clients that know nothing of offers: amount, expiry and short id. */
export const stepText = ({ type, id, prev, terms, reason, data }: OfferEvent): string => {
  const answered = `#${shortId(prev ?? id)}`
  if (terms !== undefined) {
    const name = type === 'counter' ? `Counter-offer #${shortId(id)} to ${answered}` : `Offer ${answered}`
    return `${name}: ${termsText(terms)}, /accept ${shortId(id)}`
  }
  const what = typeof type === 'string' && type in PLAIN ? PLAIN[type as keyof typeof PLAIN] : otherText(type)
  const more = [reason?.replaceAll('_', ' '), data && dataText(data)].filter((part) => part).join('; ')
  return `Offer ${answered}: ${what}${more === '' ? '' : ` (${more})`}`
}
