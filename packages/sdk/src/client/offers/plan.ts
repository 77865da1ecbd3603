import { completeTerms, counterTerms } from '../../domain/offers/draft.ts'
import { type Deal, isJoint, liveRevision, type OfferThread, partiesOf } from '../../domain/offers/thread.ts'
import { DchatError } from '../../errors.ts'
import { type OfferDraft, STOCK_NOTICE } from '../../protocol/offers/event.ts'
import type { Address } from '../../records/ids.ts'
import type { OfferEventType, OfferThreadId } from '../../records/offer.ts'
import type { OfferAct, OfferOptions } from '../api/offers.ts'

/** What of a step depends on the offer as it stands; the rest is who signs it, and when. */
export type Plan = Pick<OfferDraft, 'type' | 'seq' | 'prev' | 'terms' | 'termsHash'>

/** What is left of what an open offer asks for, as its seller's device tells it by itself. */
export interface StockNotice {
  readonly type: typeof STOCK_NOTICE
  readonly offer: OfferThreadId
  readonly data: { readonly available: number }
}

const ANSWERS: readonly OfferAct['type'][] = ['counter', 'accept', 'decline', 'withdraw']

/** The step that opens an offer. */
export const planProposal = (act: Extract<OfferAct, { type: 'propose' }>, peers: readonly Address[]): Plan => ({
  type: 'propose',
  seq: 0,
  terms: completeTerms(act.terms, peers),
})

/** The step that answers what stands there, or what the caller was looking at. */
export const planStep = (
  act: Exclude<OfferAct, { type: 'propose' }> | StockNotice,
  thread: OfferThread,
  own: Address,
  { head, deal: wanted }: Pick<OfferOptions, 'head' | 'deal'>,
): Plan => {
  if (act.type === STOCK_NOTICE) {
    const { id, seq } = liveRevision(thread)
    return { type: act.type, seq: seq + 1, prev: id }
  }
  if (!ANSWERS.includes(act.type)) {
    const deal = dealOf(thread, own, wanted, head)
    const { seq } = head === undefined ? deal : { seq: deal.head === head ? deal.seq : deal.seq - 1 }
    const hash = act.type === 'commit' ? { termsHash: liveRevision(thread).termsHash } : {}
    return { type: typeOf(act.type, deal, own), seq: seq + 1, prev: head ?? deal.head, ...hash }
  }
  const live = liveRevision(thread)
  const { id, seq, termsHash, terms, author } = thread.revisions.find((one) => one.id === head) ?? live
  const answered = { seq: seq + 1, prev: head ?? id }
  if (act.type === 'accept') {
    if (id === live.id && terms.unread !== undefined)
      throw new DchatError('offer/unread-terms', { offer: thread.id, fields: terms.unread })
    return { type: 'accept', ...answered, termsHash }
  }
  if (act.type !== 'counter') return { type: act.type as OfferEventType, ...answered }
  const parties = isJoint(terms) ? terms.parties : [author]
  return { type: 'counter', ...answered, terms: counterTerms(act.terms, terms, parties) }
}

const typeOf = (type: OfferAct['type'], { cancelBy }: Deal, own: Address): OfferEventType => {
  if (type !== 'cancel') return type as OfferEventType
  return cancelBy === undefined || cancelBy === own ? 'cancel_propose' : 'cancel_accept'
}

/** The deal that is meant: the one that is named, or the only one that this person has a part in. */
const dealOf = (thread: OfferThread, own: Address, wanted: string | undefined, head: string | undefined): Deal => {
  const { moderator } = liveRevision(thread).terms.payment ?? {}
  const mine = thread.deals.filter((deal) => moderator === own || partiesOf(thread, deal).includes(own))
  const named = mine.find(({ id, head: last }) => id === wanted || (wanted === undefined && last === head))
  if (named !== undefined) return named
  const [only, ...more] = mine.length === 0 ? thread.deals : mine
  if (wanted === undefined && only !== undefined && more.length === 0) return only
  if (only === undefined) throw new DchatError('offer/not-open', { offer: thread.id, state: thread.state })
  const reason = wanted === undefined ? 'the offer has several deals, so one is to be named' : 'it names none of them'
  throw new DchatError('usage/invalid-argument', { name: 'deal', reason })
}
