import type { Offer, OfferEventType, OfferTerms } from '../../records/offer.ts'
import { liveRevision, type OfferThread } from './thread.ts'
import { dealStateAt, stateAt } from './view.ts'

/** A thread as people see it at a time of its relay's clock, with own steps that are on their way. */
export const offerAt = (
  thread: OfferThread,
  now: number,
  {
    sent,
    whole,
    pending,
    available,
  }: {
    readonly sent: boolean
    readonly whole: boolean
    readonly pending: readonly OfferEventType[]
    readonly available?: number | undefined
  },
): Offer => {
  const live = liveRevision(thread)
  return {
    id: thread.id,
    conversation: thread.conversation,
    head: live.id,
    opener: thread.opener,
    author: live.author,
    terms: live.terms,
    state: sent ? stateAt(thread, now) : 'sending',
    ...(thread.reason === undefined ? {} : { reason: thread.reason }),
    expiresAt: live.expiresAt,
    history: thread.revisions.map(
      ({ id, author, terms, acceptedAt, expiresAt }): OfferTerms => ({ id, author, terms, acceptedAt, expiresAt }),
    ),
    signers: thread.signers.map(({ by }) => by),
    declined: thread.declined,
    deals: thread.deals.map((deal) => {
      const { revision, head: _, seq: __, ...rest } = deal
      return { ...rest, terms: revision, state: dealStateAt(deal, now) }
    }),
    ...(available === undefined ? {} : { available }),
    ...(whole ? {} : { incomplete: true }),
    pending,
  }
}
