import type { Address } from '../../records/ids.ts'
import type { OfferEventId, Reason, Terms } from '../../records/offer.ts'
import { apply, type Decision, refuse } from './decision.ts'
import {
  type Deal,
  dealAt,
  isBilateral,
  isJoint,
  liveRevision,
  mayAnswer,
  type OfferThread,
  type PlacedEvent,
  type Revision,
} from './thread.ts'

/** Revisions of one thread. */
const REVISIONS_LIMIT = 20
/** ms after an acceptance in which its seller commits. */
export const COMMIT_WINDOW = 24 * 3_600_000

/** Refusals to commit after which the offer is over; the others leave it open for somebody else. */
const FINAL: readonly Reason[] = ['withdrawn_first', 'out_of_stock', 'expired', 'changed']

const revisionOf = ({ event, acceptedAt }: PlacedEvent): Revision => {
  const terms = event.terms as Terms
  return {
    id: event.id,
    seq: event.seq,
    author: event.author,
    terms,
    termsHash: event.termsHash as string,
    acceptedAt,
    expiresAt: acceptedAt + terms.expiresIn * 1000,
  }
}

const signersOf = ({ terms, author, id }: Revision): OfferThread['signers'] =>
  isJoint(terms) ? [{ by: author, id }] : []

/** Why nobody could ever take such terms from this author. */
const standingFault = (author: Address, terms: Terms): Reason | undefined => {
  const { parties, listing, role, payment } = terms
  if (isJoint(terms) !== parties.includes(author)) return 'bad_terms'
  if (payment?.moderator === author) return 'bad_terms'
  if (listing === undefined) return undefined
  if (role === 'sell' || role === 'service') return listing.seller === author ? undefined : 'bad_terms'
  return role === 'buy' && isBilateral(terms) && parties[0] === listing.seller ? undefined : 'bad_terms'
}

/** The first proposal of a thread. */
export const open = (placed: PlacedEvent): Decision => {
  const { event } = placed
  const { author, conversation, thread: id } = event
  const fault = standingFault(author, event.terms as Terms)
  if (fault !== undefined) return refuse(fault)
  const revision = revisionOf(placed)
  const thread: OfferThread = {
    id,
    conversation,
    opener: author,
    revisions: [revision],
    state: 'open',
    signers: signersOf(revision),
    declined: [],
    deals: [],
    applied: [event.id],
    refused: [],
  }
  return { kind: 'applied', thread }
}

/** Everything up to the agreement. */
export const negotiate = (thread: OfferThread, placed: PlacedEvent): Decision => {
  switch (placed.event.type) {
    case 'counter':
      return counter(thread, placed)
    case 'accept':
      return accept(thread, placed)
    case 'decline':
      return decline(thread, placed)
    case 'withdraw':
      return withdraw(thread, placed)
    case 'commit':
      return commit(thread, placed)
    case 'reject_commit':
      return rejectCommit(thread, placed)
    default:
      // A second proposal under the same thread id.
      return refuse('not_open')
  }
}

/** An earlier revision, which a newer one has replaced. */
const isPassed = ({ revisions }: OfferThread, prev: OfferEventId | undefined): boolean =>
  revisions.slice(0, -1).some(({ id }) => id === prev)

/** Refuses what does not answer the live revision, in time, while it is open. */
const stale = (thread: OfferThread, { event, acceptedAt }: PlacedEvent): Decision | undefined => {
  const live = liveRevision(thread)
  if (isPassed(thread, event.prev)) return refuse('superseded', live.id)
  if (event.prev !== live.id) return refuse('not_open')
  if (event.seq !== live.seq + 1 || thread.state !== 'open') return refuse('not_open')
  return acceptedAt > live.expiresAt ? refuse('expired') : undefined
}

const answering = (thread: OfferThread, placed: PlacedEvent): Decision | undefined => {
  const live = liveRevision(thread)
  const { author, prev } = placed.event
  if (isPassed(thread, prev)) return refuse('superseded', live.id)
  if (author === live.author) return refuse('own_offer')
  if (!mayAnswer(live, author)) return refuse('not_party')
  return stale(thread, placed) ?? (thread.declined.includes(author) ? refuse('not_open') : undefined)
}

const sameParties = (a: Terms, b: Terms): boolean =>
  a.parties.length === b.parties.length && a.parties.every((party) => b.parties.includes(party))

/** A counter goes back to who made the offer, or to all who sign together, and changes neither side's role. */
const counterFault = (live: Revision, author: Address, terms: Terms): Reason | undefined => {
  if (terms.role !== live.terms.role || terms.takers !== 1) return 'bad_terms'
  if (isJoint(live.terms)) {
    if (!isJoint(terms) || !sameParties(terms, live.terms)) return 'bad_terms'
  } else if (!isBilateral(terms) || terms.parties[0] !== live.author) return 'bad_terms'
  if (terms.payment?.moderator === author) return 'bad_terms'
  return terms.listing?.seller === live.terms.listing?.seller && terms.listing?.id === live.terms.listing?.id
    ? undefined
    : 'bad_terms'
}

const counter = (thread: OfferThread, placed: PlacedEvent): Decision => {
  const refusal = answering(thread, placed)
  if (refusal !== undefined) return refusal
  const live = liveRevision(thread)
  // An offer to several is countered by an offer of one's own: a counter in place would take it from the others.
  if (!isBilateral(live.terms) && !isJoint(live.terms)) return refuse('not_available')
  if (thread.revisions.length >= REVISIONS_LIMIT) return refuse('too_many_requests')
  const { event } = placed
  const fault = counterFault(live, event.author, event.terms as Terms)
  if (fault !== undefined) return refuse(fault)
  const revision = revisionOf(placed)
  return apply(thread, event, {
    revisions: [...thread.revisions, revision],
    signers: signersOf(revision),
    declined: [],
  })
}

const accept = (thread: OfferThread, placed: PlacedEvent): Decision => {
  const refusal = answering(thread, placed)
  if (refusal !== undefined) return refusal
  const live = liveRevision(thread)
  const { event } = placed
  if (event.termsHash !== live.termsHash) return refuse('changed')
  if (isJoint(live.terms)) return sign(thread, placed)
  // One person accepts once.
  if (thread.deals.some(({ takers, state }) => takers.includes(event.author) && state !== 'rejected'))
    return refuse('not_open')
  // The opener accepts the counter of whoever made it: that is the other side of the deal.
  return conclude(thread, placed, [event.author === thread.opener ? live.author : event.author])
}

/** The opener's signature is always one of those that are needed: without it there would be nobody to deal with. */
const sign = (thread: OfferThread, placed: PlacedEvent): Decision => {
  const { event } = placed
  if (thread.signers.some(({ by }) => by === event.author)) return refuse('not_open')
  const signed = { ...thread, signers: [...thread.signers, { by: event.author, id: event.id }] }
  const people = signed.signers.map(({ by }) => by)
  const { terms } = liveRevision(thread)
  if (people.length < (terms.threshold as number) || !people.includes(thread.opener)) return apply(signed, event, {})
  return conclude(
    signed,
    placed,
    people.filter((by) => by !== thread.opener),
  )
}

/** Stock that other conversations share is the seller's to give: the seller's own word concludes, another's waits for it. */
const waitsForSeller = ({ terms, author }: Revision): boolean => terms.listing?.seller === author

const conclude = (thread: OfferThread, { event, acceptedAt }: PlacedEvent, takers: readonly Address[]): Decision => {
  const live = liveRevision(thread)
  const waits = waitsForSeller(live)
  const deal: Deal = {
    id: event.id,
    revision: live.id,
    takers,
    at: acceptedAt,
    state: waits ? 'pending' : 'agreed',
    head: event.id,
    seq: event.seq,
    payment: 'none',
    fulfilledBy: [],
    ...(waits ? {} : { agreedAt: acceptedAt }),
  }
  const deals = [...thread.deals, deal]
  const taken = deals.filter(({ state }) => state !== 'rejected').length
  return apply(thread, event, { deals, state: taken >= live.terms.takers ? 'taken' : 'open' })
}

const decline = (thread: OfferThread, placed: PlacedEvent): Decision => {
  const refusal = answering(thread, placed)
  if (refusal !== undefined) return refusal
  const { event } = placed
  const { terms } = liveRevision(thread)
  if (thread.signers.some(({ by }) => by === event.author)) return refuse('not_open')
  if (thread.deals.some(({ takers }) => takers.includes(event.author))) return refuse('not_open')
  const declined = [...thread.declined, event.author]
  const reason = event.reason === undefined ? {} : { reason: event.reason }
  return apply(thread, event, {
    declined,
    ...(isHopeless(thread, terms, declined) ? { state: 'declined', ...reason } : {}),
  })
}

/** Nobody is left who could take it. */
const isHopeless = ({ opener, deals }: OfferThread, terms: Terms, declined: readonly Address[]): boolean => {
  const { parties, threshold } = terms
  if (threshold !== undefined) return declined.includes(opener) || parties.length - declined.length < threshold
  if (parties.length === 0) return false
  const took = deals.filter(({ state }) => state !== 'rejected').flatMap(({ takers }) => takers)
  return parties.every((party) => declined.includes(party) || took.includes(party))
}

const withdraw = (thread: OfferThread, placed: PlacedEvent): Decision => {
  const { event } = placed
  const live = liveRevision(thread)
  if (isPassed(thread, event.prev)) return refuse('superseded', live.id)
  if (event.author !== live.author) return refuse('not_party')
  const refusal = stale(thread, placed)
  if (refusal !== undefined) return refusal
  if (!live.terms.revocable) return refuse('not_available')
  return apply(thread, event, { state: 'withdrawn', ...(event.reason === undefined ? {} : { reason: event.reason }) })
}

const replaced = (thread: OfferThread, deal: Deal): readonly Deal[] =>
  thread.deals.map((known) => (known.id === deal.id ? deal : known))

/** The acceptance that a seller answers, or why the answer does not count. */
const awaited = (thread: OfferThread, { event, acceptedAt }: PlacedEvent): Deal | Decision => {
  const deal = dealAt(thread, event.prev)
  if (event.author !== liveRevision(thread).author) return refuse('not_party')
  if (deal === undefined || event.seq !== deal.seq + 1 || deal.state !== 'pending') return refuse('not_open')
  return acceptedAt > deal.at + COMMIT_WINDOW ? refuse('timeout') : deal
}

const commit = (thread: OfferThread, placed: PlacedEvent): Decision => {
  const deal = awaited(thread, placed)
  if ('kind' in deal) return deal
  const { event, acceptedAt } = placed
  if (event.termsHash !== liveRevision(thread).termsHash) return refuse('changed')
  const agreed: Deal = { ...deal, state: 'agreed', agreedAt: acceptedAt, head: event.id, seq: event.seq }
  return apply(thread, event, { deals: replaced(thread, agreed) })
}

const rejectCommit = (thread: OfferThread, placed: PlacedEvent): Decision => {
  const deal = awaited(thread, placed)
  if ('kind' in deal) return deal
  const { event } = placed
  const reason = event.reason ?? 'not_available'
  const rejected: Deal = { ...deal, state: 'rejected', reason, head: event.id, seq: event.seq }
  const deals = replaced(thread, rejected)
  if (thread.state !== 'taken' && thread.state !== 'open') return apply(thread, event, { deals })
  return apply(thread, event, FINAL.includes(reason) ? { deals, state: 'void', reason } : { deals, state: 'open' })
}
