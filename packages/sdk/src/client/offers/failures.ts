import type { OfferThread } from '../../domain/offers/thread.ts'
import { liveRevision } from '../../domain/offers/thread.ts'
import { stateAt } from '../../domain/offers/view.ts'
import { DchatError } from '../../errors.ts'
import type { OfferEvent, OfferThreadId, Reason } from '../../records/offer.ts'

export const unknownOffer = (offer: string): DchatError => new DchatError('offer/unknown', { offer })

const WORDS: Partial<Readonly<Record<Reason, string>>> = {
  own_offer: 'it is an offer of your own',
  not_party: 'it is up to somebody else',
}

/** Where the offer stands, as far as it matters for a step that is not open. */
const standing = (thread: OfferThread, event: OfferEvent, now: number): string => {
  const deal = thread.deals.find(({ id, head }) => head === event.prev || id === event.prev) ?? thread.deals.at(-1)
  const isAnswer = ['counter', 'accept', 'decline', 'withdraw'].includes(String(event.type))
  return deal === undefined || isAnswer ? stateAt(thread, now) : deal.state
}

/** A refusal as the error that a caller gets. */
export const refusalOf = (
  reason: Reason,
  {
    offer,
    thread,
    event,
    now,
    head,
  }: {
    readonly offer: OfferThreadId
    readonly thread: OfferThread | undefined
    readonly event: OfferEvent
    readonly now: number
    /** What stands now, if the rules said so. */
    readonly head?: string | undefined
  },
): DchatError => {
  if (thread === undefined) return unknownOffer(offer)
  switch (reason) {
    case 'superseded':
      return new DchatError('offer/superseded', { offer, head: head ?? headOf(thread, event) })
    case 'not_open':
      return new DchatError('offer/not-open', { offer, state: standing(thread, event, now) })
    case 'expired':
      return new DchatError('offer/expired', { offer, expiredAt: liveRevision(thread).expiresAt })
    case 'own_offer':
    case 'not_party':
      return new DchatError('offer/not-yours', { offer, reason: WORDS[reason] as string })
    case 'bad_terms':
      return new DchatError('offer/bad-terms', { reason: 'they are none that the other side could take' })
    default:
      return new DchatError('offer/refused', { offer, reason })
  }
}

/** The newest terms, or the newest step of the deal that the event was about. */
const headOf = (thread: OfferThread, { type }: OfferEvent): string => {
  const isAnswer = ['counter', 'accept', 'decline', 'withdraw'].includes(String(type))
  const deal = thread.deals.at(-1)
  return isAnswer || deal === undefined ? liveRevision(thread).id : deal.head
}
