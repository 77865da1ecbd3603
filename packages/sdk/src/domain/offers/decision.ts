import type { OfferEvent, OfferEventId, Reason } from '../../records/offer.ts'
import type { OfferThread } from './thread.ts'

/** What an action does to its thread: the thread after it, or why it counts for nobody. */
export type Decision =
  | { readonly kind: 'applied'; readonly thread: OfferThread }
  /** `head` is what the action should have named, where there is something newer. */
  | { readonly kind: 'refused'; readonly reason: Reason; readonly head?: OfferEventId }
  /** It was read before. */
  | { readonly kind: 'repeated' }
  /** Of a type that a later version knows. */
  | { readonly kind: 'unknown' }

export const refuse = (reason: Reason, head?: OfferEventId): Decision => ({
  kind: 'refused',
  reason,
  ...(head === undefined ? {} : { head }),
})

/** The event counted: the thread with what it changed. */
export const apply = (thread: OfferThread, { id }: OfferEvent, changes: Partial<OfferThread>): Decision => ({
  kind: 'applied',
  thread: { ...thread, ...changes, applied: [...thread.applied, id] },
})
