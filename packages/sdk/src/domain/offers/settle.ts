import type { Address } from '../../records/ids.ts'
import type { Reason } from '../../records/offer.ts'
import { apply, type Decision, refuse } from './decision.ts'
import {
  buyersOf,
  type Deal,
  dealAt,
  liveRevision,
  type OfferThread,
  type PlacedEvent,
  partiesOf,
  sellersOf,
} from './thread.ts'

/** Nothing follows these. */
const OVER: readonly Deal['state'][] = ['pending', 'rejected', 'completed', 'cancelled', 'resolved']

type Step = { readonly who: readonly Address[]; readonly next: Partial<Deal> | Reason }

/** Everything after the agreement: payment and delivery in either order, completion, cancelling by both, disputes. */
export const settle = (thread: OfferThread, { event }: PlacedEvent): Decision => {
  const deal = dealAt(thread, event.prev)
  if (deal === undefined) return unanswered(thread, event.prev)
  const { who, next } = stepOf(thread, deal, event)
  if (!who.includes(event.author)) return refuse('not_party')
  if (event.seq !== deal.seq + 1 || OVER.includes(deal.state)) return refuse('not_open')
  if (typeof next === 'string') return refuse(next)
  const settled: Deal = { ...deal, ...next, head: event.id, seq: event.seq }
  const deals = thread.deals.map((known) => (known.id === deal.id ? settled : known))
  return apply(thread, event, { deals })
}

/** A step that a newer one has passed, or one of no deal at all. */
const unanswered = (thread: OfferThread, prev: string | undefined): Decision => {
  const passed = prev !== undefined && thread.applied.includes(prev)
  const head = thread.deals.length === 1 ? thread.deals[0]?.head : undefined
  if (!passed || thread.deals.length === 0) return refuse('not_open')
  return refuse('superseded', head)
}

const stepOf = (thread: OfferThread, deal: Deal, event: PlacedEvent['event']): Step => {
  const all = partiesOf(thread, deal)
  const [sellers, buyers] = [sellersOf(thread, deal), buyersOf(thread, deal)]
  const { author, data } = event
  const isDisputed = deal.state === 'disputed'
  switch (event.type) {
    case 'pay_request':
      return {
        who: sellers,
        next: isDisputed || deal.payment === 'paid' ? 'not_open' : { payment: 'requested', request: data ?? {} },
      }
    case 'pay_submitted':
      return { who: buyers, next: isDisputed || deal.payment === 'paid' ? 'not_open' : { payment: 'submitted' } }
    case 'pay_confirmed':
      // The payee's word, never the payer's.
      return { who: sellers, next: deal.payment === 'paid' ? 'not_open' : { payment: 'paid' } }
    case 'fulfilled': {
      const who = sellers.length === 0 ? all : sellers
      const again = isDisputed || deal.fulfilledBy.includes(author)
      return { who, next: again ? 'not_open' : { fulfilledBy: [...deal.fulfilledBy, author] } }
    }
    case 'complete':
      return {
        who: buyers.length === 0 ? all : buyers,
        next: isDelivered(thread, deal, author) ? { state: 'completed' } : 'not_open',
      }
    case 'cancel_propose':
      // Two who propose it have both signed.
      return { who: all, next: deal.cancelBy === undefined ? { cancelBy: author } : cancelled(deal, author) }
    case 'cancel_accept':
      return { who: all, next: cancelled(deal, author) }
    case 'dispute':
      return { who: all, next: isDisputed ? 'not_open' : { state: 'disputed', ...reasonOf(event) } }
    default: {
      const { moderator } = liveRevision(thread).terms.payment ?? {}
      const outcome = data?.outcome
      const next = !isDisputed
        ? 'not_open'
        : outcome === undefined
          ? 'bad_terms'
          : { state: 'resolved' as const, outcome }
      return { who: moderator === undefined ? [] : [moderator], next }
    }
  }
}

const reasonOf = ({ reason }: PlacedEvent['event']): { readonly reason?: Reason } =>
  reason === undefined ? {} : { reason }

const cancelled = ({ cancelBy }: Deal, author: Address): Partial<Deal> | Reason =>
  cancelBy === undefined || cancelBy === author ? 'not_open' : { state: 'cancelled' }

/** Whoever receives says that it came; who swaps has to have given too. */
const isDelivered = (thread: OfferThread, deal: Deal, author: Address): boolean => {
  const sellers = sellersOf(thread, deal)
  if (sellers.length > 0) return sellers.every((seller) => deal.fulfilledBy.includes(seller))
  return partiesOf(thread, deal).every((party) => deal.fulfilledBy.includes(party)) && deal.fulfilledBy.includes(author)
}
