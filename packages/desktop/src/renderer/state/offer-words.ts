import type { Address, Money, Offer, OfferDeal, Reason, Terms } from '@dchat/sdk'
import { dealOf, mayAnswer } from './offer-stage.ts'

export type Meaning = 'neutral' | 'accent' | 'agreed' | 'attention' | 'danger' | 'information'

/** The state of an offer in a word or two, and what its colour says with it. */
export interface Standing {
  readonly text: string
  readonly meaning: Meaning
}

const DEALS: Readonly<Record<OfferDeal['state'], Standing>> = {
  pending: { text: 'Waiting for the seller', meaning: 'attention' },
  rejected: { text: 'Not available', meaning: 'neutral' },
  lapsed: { text: 'Lapsed', meaning: 'neutral' },
  agreed: { text: 'Agreed', meaning: 'agreed' },
  completed: { text: 'Completed', meaning: 'agreed' },
  cancelled: { text: 'Cancelled', meaning: 'neutral' },
  disputed: { text: 'Disputed', meaning: 'attention' },
  resolved: { text: 'Resolved', meaning: 'neutral' },
}

const OFFERS: Readonly<Record<Exclude<Offer['state'], 'open'>, Standing>> = {
  sending: { text: 'Sending', meaning: 'neutral' },
  taken: { text: 'Taken', meaning: 'neutral' },
  declined: { text: 'Declined', meaning: 'neutral' },
  withdrawn: { text: 'Withdrawn', meaning: 'neutral' },
  expired: { text: 'Expired', meaning: 'neutral' },
  void: { text: 'Not available', meaning: 'neutral' },
}

const PAYMENTS: Readonly<Record<OfferDeal['payment'], string | undefined>> = {
  none: undefined,
  requested: 'Payment requested',
  submitted: 'Payment reported',
  paid: 'Paid',
}

const REASONS: Readonly<Partial<Record<Reason, string>>> = {
  not_available: 'It is not available any more.',
  out_of_stock: 'There is none left.',
  expired: 'It came after the time was over.',
  withdrawn_first: 'The offer was withdrawn before.',
  changed: 'The terms had changed meanwhile.',
  bad_terms: 'The terms do not suit.',
  amount_out_of_range: 'The price does not suit.',
  currency_not_accepted: 'The currency does not suit.',
  price_deviation: 'The rate had moved too far.',
  duplicate_of: 'There is another offer for this.',
  payment_failed: 'The payment failed.',
  timeout: 'The answer took too long.',
}

/** Why it ended as it did, in a sentence, if somebody said so. */
export const reasonOf = (offer: Offer): string | undefined => {
  const reason = dealOf(offer)?.reason ?? offer.reason
  return reason === undefined ? undefined : REASONS[reason]
}

/** What the seller told to be left of what the terms ask for, where it matters now. */
export const leftOf = ({ available, state, terms }: Offer): string | undefined => {
  if (available === undefined || state !== 'open') return undefined
  const wanted = terms.items.reduce((sum, { quantity }) => sum + quantity, 0)
  if (available === 0) return 'The seller has none left.'
  return available < wanted ? `The seller has ${available} left.` : undefined
}

/** How the offer stands for this person at `now` (ms, by the clock that its expiry is shown by). */
export const standingOf = (offer: Offer, me: Address, now: number): Standing => {
  if (offer.incomplete === true) return { text: 'Not known here', meaning: 'attention' }
  const deal = dealOf(offer)
  if (deal !== undefined) {
    const payment = deal.state === 'agreed' ? PAYMENTS[deal.payment] : undefined
    return payment === undefined ? DEALS[deal.state] : { text: payment, meaning: 'agreed' }
  }
  if (offer.state !== 'open') return OFFERS[offer.state]
  if (offer.expiresAt <= now) return OFFERS.expired
  return mayAnswer(offer, me) ? { text: 'Your turn', meaning: 'accent' } : { text: 'Open', meaning: 'information' }
}

/** "Your turn", or whom it waits for; undefined where nobody has to answer. */
export const turnOf = (offer: Offer, me: Address, now: number, peer: string | undefined): string | undefined => {
  if (offer.state !== 'open' || offer.expiresAt <= now || dealOf(offer) !== undefined) return undefined
  if (mayAnswer(offer, me)) return 'Your turn'
  return `Waiting for ${peer ?? 'an answer'}`
}

/** Whether the last tenth of the time has begun. */
export const isNearlyOver = (offer: Offer, now: number): boolean =>
  offer.state === 'open' && offer.expiresAt > now && offer.expiresAt - now < offer.terms.expiresIn * 100

/** The total of the round before this one, and by how many per mille it changed; undefined for the first round. */
export const changeOf = (offer: Offer): { readonly before: Money; readonly perMille: number } | undefined => {
  const before = offer.history.at(-2)?.terms.price.total
  const total = offer.terms.price.total
  if (before === undefined || before.currency !== total.currency || before.minor === total.minor) return undefined
  const [was, is] = [BigInt(before.minor), BigInt(total.minor)]
  return was === 0n ? undefined : { before, perMille: Number(((is - was) * 1000n) / was) }
}

/** "−12.5 %" */
export const percentOf = (perMille: number): string => {
  const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 }).format(Math.abs(perMille) / 10)
  return `${perMille < 0 ? '\u2212' : '+'}${number}\u00a0%`
}

/** What a person would call it: the items, in words. */
export const subjectOf = (terms: Terms): string =>
  terms.items.length === 0
    ? 'An offer'
    : terms.items.map(({ title, quantity }) => (quantity === 1 ? title : `${quantity} × ${title}`)).join(', ')

const VERBS: Readonly<Record<Terms['role'], readonly [own: string, other: string]>> = {
  sell: ['sell', 'sells'],
  buy: ['want to buy', 'wants to buy'],
  service: ['offer a service', 'offers a service'],
  swap: ['offer a swap', 'offers a swap'],
}

/** What the one who opened the thread does: "You sell", "Bob wants to buy". */
export const openingOf = (offer: Offer, me: Address, name: string): string =>
  `${name} ${VERBS[offer.terms.role][offer.opener === me ? 0 : 1]}`
