import type { Money, Offer, OfferDeal, OfferItem, SettlementData } from '@dchat/sdk'
import type { OfferStepView, OfferView } from '../methods/offer-types.ts'
import type { Style } from './text.ts'
import { indented, localTime, oneLine, shortened } from './text.ts'

const SHORT = 8

/** What commands take; for programs. */
export const shortId = (id: string): string => id.slice(0, SHORT)

/** The same as people see it. Commands take it with and without the sign. */
export const short = (id: string): string => `#${shortId(id)}`

const iso = (ms: number): string => new Date(ms).toISOString()

/** `EUR 120.00`; no locale, so that everybody reads the same. */
export const amount = ({ minor, currency, exponent }: Money): string => {
  const digits = minor.replace('-', '').padStart(exponent + 1, '0')
  const whole = digits.slice(0, digits.length - exponent)
  const rest = exponent === 0 ? '' : `.${digits.slice(-exponent)}`
  return `${currency} ${minor.startsWith('-') ? '-' : ''}${whole}${rest}`
}

export const itemsText = (items: readonly OfferItem[]): string =>
  items.map(({ quantity, title }) => `${quantity} × ${oneLine(title)}`).join(', ')

const requestFields = ({ expiresAt, ...request }: SettlementData): object => ({
  ...request,
  ...(expiresAt === undefined ? {} : { expires_at: iso(expiresAt) }),
})

/** The fields of an offer's line: what docs/cli.md lists under "offer". */
export const offerFields = ({ offer }: OfferView): object => {
  const { conversation, expiresAt, history, deals, ...rest } = offer
  return {
    ...rest,
    short: shortId(offer.head),
    chat: conversation,
    expires_at: iso(expiresAt),
    history: history.map(({ acceptedAt, expiresAt: end, ...one }) => ({
      ...one,
      accepted_at: iso(acceptedAt),
      expires_at: iso(end),
    })),
    deals: deals.map(({ at, agreedAt, fulfilledBy, cancelBy, request, ...deal }) => ({
      ...deal,
      ...(request === undefined ? {} : { request: requestFields(request) }),
      at: iso(at),
      ...(agreedAt === undefined ? {} : { agreed_at: iso(agreedAt) }),
      fulfilled_by: fulfilledBy,
      ...(cancelBy === undefined ? {} : { cancel_by: cancelBy }),
    })),
  }
}

export const stepFields = ({ offer, event, type, message }: OfferStepView): object => ({
  offer,
  event,
  short: shortId(event),
  step: type,
  message,
})

const nameIn =
  (names: OfferView['names']) =>
  (address: string): string =>
    names[address] === undefined ? shortened(address) : oneLine(names[address])

const stateText = ({ state, expiresAt, reason, available }: Offer): string => {
  const left = available === undefined ? '' : `, ${available} left by the seller's word`
  if (state === 'open') return `open until ${localTime(expiresAt)}${left}`
  return reason === undefined ? state : `${state} (${reason.replaceAll('_', ' ')})`
}

const dealState = ({ state, payment, fulfilledBy }: OfferDeal): string =>
  [
    state,
    ...(payment === 'none' ? [] : [payment === 'paid' ? 'paid' : `payment ${payment}`]),
    ...(fulfilledBy.length === 0 ? [] : ['handed over']),
  ].join(', ')

/** How much is asked for, how, where and until when. */
const requestText = ({ amount: sum, rail, uri, reference, note, expiresAt }: SettlementData): string =>
  [
    ...(sum === undefined ? [] : [amount(sum)]),
    ...(rail === undefined ? [] : [`by ${oneLine(rail)}`]),
    ...(uri === undefined ? [] : [`to ${oneLine(uri)}`]),
    ...(reference === undefined ? [] : [`reference ${oneLine(reference)}`]),
    ...(expiresAt === undefined ? [] : [`until ${localTime(expiresAt)}`]),
    ...(note === undefined ? [] : [oneLine(note)]),
  ].join(', ')

const dealLines = (deal: OfferDeal, name: (address: string) => string): readonly string[] => {
  const { id, takers, request, payment } = deal
  const asked = request === undefined ? '' : requestText(request)
  return [
    `  deal ${short(id)} with ${takers.map(name).join(', ')}: ${dealState(deal)}`,
    ...(asked === '' ? [] : [`    ${payment === 'paid' ? 'was to pay' : 'to pay'}: ${asked}`]),
  ]
}

/** One offer on one line. */
export const offerLine = ({ offer, names }: OfferView, style: Style): string => {
  const { head, terms, author, deals, pending } = offer
  const [deal] = deals
  const state = deals.length === 1 && deal !== undefined ? dealState(deal) : stateText(offer)
  const waits = pending.length === 0 ? '' : style.dim(`  [${pending.join(', ')} on the way]`)
  const from = nameIn(names)(author)
  return `${style.bold(short(head))}  ${amount(terms.price.total)}  ${itemsText(terms.items)}  from ${from}  ${style.dim(state)}${waits}`
}

/** Everything about an offer. */
export const offerText = (view: OfferView, style: Style): string => {
  const { offer, names } = view
  const name = nameIn(names)
  const { terms } = offer
  const several = terms.takers > 1 ? [`  for the first ${terms.takers}`] : []
  const joint = terms.threshold === undefined ? [] : [`  ${terms.threshold} of ${terms.parties.length} sign`]
  return [
    offerLine(view, style),
    ...terms.items.map(
      ({ quantity, title, unitPrice }) =>
        `  ${quantity} × ${oneLine(title)}${unitPrice === undefined ? '' : ` @ ${amount(unitPrice)}`}`,
    ),
    ...terms.price.lines.map(
      ({ kind, label, amount: sum }) => `  ${kind}${label === undefined ? '' : ` (${oneLine(label)})`}: ${amount(sum)}`,
    ),
    `  ${stateText(offer)}${terms.revocable ? '' : ', cannot be withdrawn'}`,
    ...several,
    ...joint,
    ...(terms.text === undefined ? [] : [`    ${indented(terms.text)}`]),
    ...(terms.unread === undefined ? [] : [`  has terms that this version cannot read: ${terms.unread.join(', ')}`]),
    ...offer.history.map(
      ({ id, author, terms: { price }, acceptedAt }) =>
        `  ${short(id)}  ${localTime(acceptedAt)}  ${name(author)}: ${amount(price.total)}`,
    ),
    ...offer.deals.flatMap((deal) => dealLines(deal, name)),
  ].join('\n')
}
