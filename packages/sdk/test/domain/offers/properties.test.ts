import fc from 'fast-check'
import { expect, test } from 'vitest'
import { replay, step } from '../../../src/domain/offers/reduce.ts'
import { liveRevision, type OfferThread, type PlacedEvent } from '../../../src/domain/offers/thread.ts'
import type { OfferEvent } from '../../../src/records/offer.ts'
import { topic } from './topics.ts'

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
    { numRuns: 200 },
  )
})

const ANSWERS: readonly OfferEvent['type'][] = ['counter', 'accept', 'decline', 'withdraw']

test('the topics that are tried have every outcome in them, often', () => {
  const seen = new Map<string, number>()
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1)
  for (const events of fc.sample(topic, { numRuns: 400, seed: 7 })) {
    let thread: OfferThread | undefined
    for (const placed of events) {
      const { decision, thread: next } = step(thread, placed)
      thread = next
      count(decision.kind === 'refused' ? decision.reason : decision.kind)
    }
    for (const { state } of thread?.deals ?? []) count(state)
    if (thread !== undefined && thread.revisions.length > 2) count('several counters')
  }
  const rare = 'applied expired superseded own_offer not_party not_open not_available timeout'
  const deals = 'pending rejected agreed completed cancelled disputed resolved'
  for (const what of [...`${rare} ${deals}`.split(' '), 'several counters'])
    expect([what, (seen.get(what) ?? 0) > 1]).toEqual([what, true])
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
        const revisions = new Map(thread.revisions.map((revision) => [revision.id, revision]))
        for (const id of thread.applied) {
          const { event: one, acceptedAt } = at.get(id) as PlacedEvent
          const answered = ANSWERS.includes(one.type) ? revisions.get(one.prev ?? '') : undefined
          // A step of joint signatures answers terms too, and makes no deal by itself.
          if (ANSWERS.includes(one.type)) expect(acceptedAt).toBeLessThanOrEqual(answered?.expiresAt ?? -1)
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
    { numRuns: 200 },
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
