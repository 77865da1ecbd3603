import fc from 'fast-check'
import { step } from '../../../src/domain/offers/reduce.ts'
import { liveRevision, type OfferThread, type PlacedEvent } from '../../../src/domain/offers/thread.ts'
import type { Address } from '../../../src/records/ids.ts'
import {
  OFFER_EVENTS,
  type OfferEvent,
  type OfferEventType,
  REASONS,
  SETTLEMENT_EVENTS,
  type Terms,
} from '../../../src/records/offer.ts'
import { ANN, BEN, CID, DEE, event, T0, terms } from './support.ts'

const PEOPLE = [ANN, BEN, CID, DEE]
const LISTING = { id: '11'.repeat(16), version: 1, seller: ANN, hash: '22'.repeat(32) }

/** What people may put on the table at the start: to one, to all, to the first two, jointly, from stock. */
const OPENINGS: readonly Partial<Terms>[] = [
  {},
  { revocable: false, expiresIn: 600 },
  { role: 'swap' },
  { parties: [] },
  { parties: [BEN, CID, DEE], takers: 2 },
  { parties: [ANN, BEN, CID], threshold: 2 },
  { listing: LISTING },
  { parties: [], takers: 2, listing: LISTING },
  { payment: { rails: ['manual'], timing: 'after', moderator: DEE } },
]

const move = fc.record({
  who: fc.constantFrom(...PEOPLE),
  type: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom('counter' as const, 'accept' as const) },
    { weight: 1, arbitrary: fc.constantFrom(...OFFER_EVENTS.filter((type) => type !== 'propose')) },
  ),
  /** Which earlier event it answers: mostly the newest. */
  back: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat({ max: 5 }) }),
  reason: fc.constantFrom(...REASONS),
  choice: fc.option(fc.nat({ max: 1_000 }), { freq: 4 }).map((one) => one ?? undefined),
  pause: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(0, 1_000) },
    { weight: 1, arbitrary: fc.constantFrom(500_000, 80_000_000, 90_000_000) },
  ),
})

const NEGOTIATION: readonly OfferEventType[] = [
  ...(['accept', 'accept', 'accept', 'accept', 'counter', 'counter', 'counter', 'counter'] as const),
  ...(['decline', 'withdraw'] as const),
]

/** What somebody may do who keeps to the rules: Ann opened, and Ben mostly answers. */
const rightful = (thread: OfferThread, choice: number): { who: Address; type: OfferEventType; prev: string } => {
  const of = (types: readonly OfferEventType[]) => types[choice % types.length] as OfferEventType
  const deal = thread.deals.find(({ state }) => state === 'pending' || state === 'agreed' || state === 'disputed')
  const live = liveRevision(thread)
  if (deal === undefined) {
    const type = of(NEGOTIATION)
    const who = type === 'withdraw' ? live.author : live.author === ANN ? BEN : ANN
    return { who, type, prev: live.id }
  }
  const type = of(deal.state === 'pending' ? ['commit', 'commit', 'reject_commit'] : SETTLEMENT_EVENTS)
  if (type === 'resolve') return { who: DEE, type, prev: deal.head }
  const isBuyers = type === 'pay_submitted' || type === 'complete' || type === 'cancel_propose'
  return { who: isBuyers ? (deal.takers[0] ?? BEN) : ANN, type, prev: deal.head }
}

/** A topic: many people do anything at all, each answering something that stands before it; most keep to the rules. */
export const topic: fc.Arbitrary<readonly PlacedEvent[]> = fc
  .tuple(fc.constantFrom(...OPENINGS), fc.array(move, { maxLength: 25, size: 'max' }))
  .map(([opening, moves]) => {
    const placed: PlacedEvent[] = []
    let thread: OfferThread | undefined
    const put = (one: OfferEvent, acceptedAt: number) => {
      placed.push({ event: one, place: placed.length, acceptedAt })
      thread = step(thread, placed.at(-1) as PlacedEvent).thread
    }
    put(event(ANN, 'propose', undefined, { terms: terms(opening) }), T0)
    for (const { back, reason, pause, choice, ...any } of moves) {
      const chosen = choice === undefined || thread === undefined ? undefined : rightful(thread, choice)
      const { who, type } = chosen ?? any
      const all = placed.map((one) => one.event)
      const newest = all[Math.max(0, all.length - 1 - back)] as OfferEvent
      const prev = all.find(({ id }) => id === chosen?.prev) ?? newest
      const joint = opening.threshold !== undefined
      const parties = joint ? (opening.parties as Terms['parties']) : [prev.author === DEE ? ANN : prev.author]
      const given = { ...opening, parties, takers: 1 }
      const rest =
        type === 'counter'
          ? { terms: terms(given, `${1000 + placed.length}`) }
          : type === 'accept' || type === 'commit'
            ? { termsHash: thread?.revisions.at(-1)?.termsHash as string }
            : { reason, ...(type === 'resolve' ? { data: { outcome: 'refund' as const } } : {}) }
      put(event(who, type, prev, rest), (placed.at(-1)?.acceptedAt as number) + pause)
    }
    return placed
  })
