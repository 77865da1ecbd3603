import fc from 'fast-check'
import { expect, test } from 'vitest'
import { leftOf, waitFrom } from '../../src/util/time.ts'

test('a wait of any length ends at a whole millisecond, and not too early', () => {
  fc.assert(
    fc.property(fc.nat(2_000_000_000_000), fc.double({ min: 0, max: 30 * 24 * 3_600_000, noNaN: true }), (now, ms) => {
      const { plannedAt, dueAt } = waitFrom(now, ms)
      expect(plannedAt).toBe(now)
      expect(Number.isSafeInteger(dueAt)).toBe(true)
      expect(dueAt).toBeGreaterThanOrEqual(now + ms)
      expect(dueAt - (now + ms)).toBeLessThanOrEqual(1)
    }),
  )
})

test('a clock that was put back ends a wait', () => {
  expect(leftOf(waitFrom(1_000, 500), 1_200)).toBe(300)
  expect(leftOf(waitFrom(1_000, 500), 999)).toBe(0)
})
