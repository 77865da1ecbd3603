import { expect, test } from 'vitest'
import { decide, SCHEDULE } from '../../src/gateway/schedule.ts'
import type { Delivery } from '../../src/queue/queue.ts'
import { messageEvent } from '../support/events.ts'

const delivery = (attempts: number, place: 'lane' | 'background' = 'lane'): Delivery => ({
  ...{ endpoint: 'hook', eventId: 'evt_a1', conversation: 'a', seq: 1, place, attempts, event: messageEvent('a', 1) },
})
const again = { state: 'again', reason: 'it answered 500', status: 500 } as const
const HOUR = 3_600_000

test('the schedule is 0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 10 h', () => {
  expect(SCHEDULE.map((ms) => ms / 1000)).toEqual([0, 5, 300, 1800, 7200, 18_000, 36_000, 36_000])
})

test.each([
  [0, 5_000, 'lane'],
  [1, 300_000, 'lane'],
  [2, 1_800_000, 'background'],
  [3, 2 * HOUR, 'background'],
  [4, 5 * HOUR, 'background'],
  [5, 10 * HOUR, 'background'],
  [6, 10 * HOUR, 'background'],
] as const)('after %d failures and one more it waits %d ms, ±20 %%, in the %s', (attempts, wait, place) => {
  const outcome = (chance: number) => decide(delivery(attempts), again, 1000, chance)
  expect(outcome(0.5)).toEqual({ state: 'again', dueAt: 1000 + wait, place, reason: again.reason, status: 500 })
  expect(outcome(0)).toMatchObject({ dueAt: 1000 + wait * 0.8 })
  expect(outcome(1)).toMatchObject({ dueAt: 1000 + wait * 1.2 })
})

test('the eighth failure is the last', () => {
  expect(decide(delivery(7, 'background'), again, 0, 0.5)).toEqual({ state: 'dead', reason: again.reason, status: 500 })
})

test('what left its lane does not come back', () => {
  expect(decide(delivery(0, 'background'), again, 0, 0.5)).toMatchObject({ place: 'background' })
})

test('a pause that the endpoint asks for is kept, up to a day', () => {
  const outcome = (after: number) => decide(delivery(0), { ...again, status: 429, after }, 0, 0.5)
  expect(outcome(60_000)).toMatchObject({ dueAt: 60_000, status: 429 })
  expect(outcome(100)).toMatchObject({ dueAt: 5_000 })
  expect(outcome(1000 * HOUR)).toMatchObject({ dueAt: 24 * HOUR })
})

test('an endpoint may give an event up, or all of them', () => {
  expect(decide(delivery(0), { state: 'dead', reason: 'not for me' }, 0, 0.5)).toMatchObject({ state: 'dead' })
  expect(decide(delivery(0), { state: 'gone', status: 410 }, 0, 0.5)).toMatchObject({ state: 'dead', status: 410 })
})
