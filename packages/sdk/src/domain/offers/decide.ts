import { type OfferEvent, SETTLEMENT_EVENTS } from '../../records/offer.ts'
import { type Decision, refuse } from './decision.ts'
import { negotiate, open } from './negotiate.ts'
import { settle } from './settle.ts'
import type { OfferThread, PlacedEvent } from './thread.ts'

const SETTLEMENT: readonly OfferEvent['type'][] = SETTLEMENT_EVENTS

/**
 * Judges one action at its place in the topic's order (offers.md). Pure: the order settles races, the accepted time of
 * the entry is the only time, and every reader of the topic comes to the same answer. The event's author and device must
 * be those that the encryption proved, its signature verified.
 */
export const decide = (thread: OfferThread | undefined, placed: PlacedEvent): Decision => {
  const { event } = placed
  if (typeof event.type !== 'string') return { kind: 'unknown' }
  if (thread === undefined) return event.type === 'propose' ? open(placed) : refuse('not_open')
  if (thread.applied.includes(event.id) || thread.refused.includes(event.id)) return { kind: 'repeated' }
  if (event.conversation !== thread.conversation) return refuse('not_available')
  return SETTLEMENT.includes(event.type) ? settle(thread, placed) : negotiate(thread, placed)
}
