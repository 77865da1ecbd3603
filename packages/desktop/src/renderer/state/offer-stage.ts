import type { Address, Offer, OfferDeal } from '@dchat/sdk'

/** The columns of the board. */
export type Stage = 'yours' | 'waiting' | 'agreed' | 'settling' | 'closed'

const OVER: readonly OfferDeal['state'][] = ['rejected', 'lapsed', 'completed', 'cancelled', 'resolved']

/** The deal of an offer that the person looks at: the newest that stands, else the newest. */
export const dealOf = (offer: Offer): OfferDeal | undefined =>
  offer.deals.findLast(({ state }) => !OVER.includes(state)) ?? offer.deals.at(-1)

/** Who said yes: the other side, unless the terms were theirs and whoever opened the thread took them. */
export const acceptedBy = (offer: Offer, { terms, takers }: OfferDeal): readonly Address[] => {
  const author = offer.history.find(({ id }) => id === terms)?.author
  return author !== undefined && takers.includes(author) && offer.terms.threshold === undefined
    ? [offer.opener]
    : takers
}

/** Whether this person can accept, counter or decline the live terms. */
export const mayAnswer = (offer: Offer, me: Address): boolean => {
  if (offer.state !== 'open' || offer.pending.length > 0 || offer.incomplete === true) return false
  if (offer.terms.unread !== undefined && offer.terms.unread.length > 0) return false
  if (offer.terms.threshold !== undefined) return offer.terms.parties.includes(me) && !offer.signers.includes(me)
  if (offer.author === me || offer.declined.includes(me)) return false
  return offer.terms.parties.length === 0 || offer.terms.parties.includes(me)
}

const stageOfDeal = ({ state, payment, fulfilledBy, cancelBy }: OfferDeal): Stage => {
  if (OVER.includes(state)) return 'closed'
  if (state === 'pending') return 'waiting'
  const untouched = state === 'agreed' && payment === 'none' && fulfilledBy.length === 0 && cancelBy === undefined
  return untouched ? 'agreed' : 'settling'
}

/** Where an offer stands for this person; `now` in ms, by the relay's clock as well as it is known. */
export const stageOf = (offer: Offer, me: Address, now: number): Stage => {
  const deal = dealOf(offer)
  if (deal !== undefined && (offer.state !== 'open' || stageOfDeal(deal) !== 'closed')) return stageOfDeal(deal)
  if (offer.state === 'sending') return 'waiting'
  if (offer.state !== 'open' || offer.expiresAt <= now) return 'closed'
  return mayAnswer(offer, me) ? 'yours' : 'waiting'
}
