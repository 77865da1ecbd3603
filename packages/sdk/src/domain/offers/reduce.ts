import type { OfferThreadId } from '../../records/offer.ts'
import { decide } from './decide.ts'
import type { Decision } from './decision.ts'
import type { OfferThread, PlacedEvent } from './thread.ts'

export type Threads = ReadonlyMap<OfferThreadId, OfferThread>

/** Refused events that a thread remembers. One that is older and comes again is judged again, at its new place. */
const REFUSED_LIMIT = 1_000

/** The thread after one more event, with what became of it. */
export const step = (
  thread: OfferThread | undefined,
  placed: PlacedEvent,
): { readonly thread: OfferThread | undefined; readonly decision: Decision } => {
  const decision = decide(thread, placed)
  if (decision.kind === 'applied') return { thread: decision.thread, decision }
  if (decision.kind !== 'refused' || thread === undefined) return { thread, decision }
  const refused = [...thread.refused, placed.event.id].slice(-REFUSED_LIMIT)
  return { thread: { ...thread, refused }, decision }
}

/** All threads of a conversation from its events, in whatever order and however often they arrived. */
export const replay = (events: Iterable<PlacedEvent>): Threads => {
  const threads = new Map<OfferThreadId, OfferThread>()
  for (const placed of [...events].sort((a, b) => a.place - b.place)) {
    const { thread } = step(threads.get(placed.event.thread), placed)
    if (thread !== undefined) threads.set(placed.event.thread, thread)
  }
  return threads
}
