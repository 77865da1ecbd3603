import fc from 'fast-check'
import { expect, test } from 'vitest'
import { replay } from '../../../src/domain/offers/reduce.ts'
import { liveRevision, type OfferThread, type PlacedEvent } from '../../../src/domain/offers/thread.ts'
import { OFFER_EVENTS, type OfferEvent, REASONS, type Terms } from '../../../src/records/offer.ts'
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
  pause: fc.constantFrom(0, 1_000, 500_000, 80_000_000),
})

/** A topic: many people do anything at all, each answering something that stands before it. */
const topic: fc.Arbitrary<readonly PlacedEvent[]> = fc
  .tuple(fc.constantFrom(...OPENINGS), fc.array(move, { maxLength: 25 }))
  .map(([opening, moves]) => {
    const first = event(ANN, 'propose', undefined, { terms: terms(opening) })
    const events: OfferEvent[] = [first]
    const times = [T0]
    for (const { who, type, back, reason, pause } of moves) {
      const prev = events[Math.max(0, events.length - 1 - back)] as OfferEvent
      const hash = [...events].reverse().find(({ termsHash }) => termsHash !== undefined)?.termsHash as string
      const joint = opening.threshold !== undefined
      const parties = joint ? (opening.parties as Terms['parties']) : [prev.author === DEE ? ANN : prev.author]
      const given = { ...opening, parties, takers: 1 }
      const rest =
        type === 'counter'
          ? { terms: terms(given, `${1000 + events.length}`) }
          : type === 'accept' || type === 'commit'
            ? { termsHash: hash }
            : { reason, ...(type === 'resolve' ? { data: { outcome: 'refund' as const } } : {}) }
      events.push(event(who, type, prev, rest))
      times.push((times.at(-1) as number) + pause)
    }
    return events.map((one, i) => ({ event: one, place: i, acceptedAt: times[i] as number }))
  })

/** The same topic as another device may get it: late, out of order, more than once. */
const delivered = (events: readonly PlacedEvent[]): fc.Arbitrary<PlacedEvent[]> =>
  fc
    .tuple(fc.shuffledSubarray([...events], { minLength: events.length }), fc.subarray([...events]))
    .map(([all, twice]) => [...all, ...twice])

test('any order, delay and repetition of one topic gives one state', () => {
  fc.assert(
    fc.property(
      topic.chain((events) => fc.tuple(fc.constant(events), delivered(events))),
      ([events, other]) => {
        expect(replay(other)).toEqual(replay(events))
      },
    ),
    { numRuns: 500 },
  )
})

const threadsOf = (events: readonly PlacedEvent[]): OfferThread[] => [...replay(events).values()]

test('one head, no more takers than may, no late answer, and every chain names its parent', () => {
  fc.assert(
    fc.property(topic, (events) => {
      const at = new Map(events.map((placed) => [placed.event.id, placed]))
      for (const thread of threadsOf(events)) {
        const live = liveRevision(thread)
        const taken = thread.deals.filter(({ state }) => state !== 'rejected')
        expect(taken.length).toBeLessThanOrEqual(live.terms.takers)
        expect(new Set(taken.flatMap(({ takers }) => takers)).size).toBe(taken.flatMap(({ takers }) => takers).length)
        expect(new Set(thread.applied).size).toBe(thread.applied.length)
        for (const id of thread.applied) {
          const { event: one } = at.get(id) as PlacedEvent
          const parent = one.prev === undefined ? undefined : at.get(one.prev)
          if (one.type === 'propose') continue
          expect(thread.applied).toContain(one.prev)
          expect(one.seq).toBe((parent?.event.seq as number) + 1)
        }
        for (const [i, revision] of thread.revisions.entries())
          expect(at.get(revision.id)?.event.prev).toBe(thread.revisions[i - 1]?.id)
        for (const deal of thread.deals) {
          const revision = thread.revisions.find(({ id }) => id === deal.revision)
          expect(deal.at).toBeLessThanOrEqual(revision?.expiresAt as number)
          expect(deal.takers).not.toContain(thread.opener)
        }
      }
    }),
    { numRuns: 500 },
  )
})

test('what was agreed stays agreed: later events move a deal forward and never back', () => {
  const RANK = { pending: 0, agreed: 1, disputed: 2, completed: 3, cancelled: 3, resolved: 3, rejected: 3 }
  fc.assert(
    fc.property(topic, (events) => {
      const seen = new Map<string, number>()
      for (let i = 1; i <= events.length; i++)
        for (const thread of threadsOf(events.slice(0, i)))
          for (const { id, state } of thread.deals) {
            expect(RANK[state]).toBeGreaterThanOrEqual(seen.get(id) ?? 0)
            seen.set(id, RANK[state])
          }
    }),
    { numRuns: 100 },
  )
})
