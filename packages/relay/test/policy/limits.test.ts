import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Buckets } from '../../src/policy/buckets.ts'
import { DEFAULT_LIMITS, type Rate } from '../../src/policy/limits.ts'
import { withinQuota } from '../../src/policy/quota.ts'
import { type Bucket, isFull, spend } from '../../src/policy/rate-limit.ts'
import { sweepTimes } from '../../src/policy/retention.ts'
import { successorBounds } from '../../src/policy/successors.ts'

const rate = fc.record({ perSecond: fc.integer({ min: 1, max: 1000 }), burst: fc.integer({ min: 1, max: 1000 }) })
const steps = fc.array(
  fc.record({ wait: fc.integer({ min: -100, max: 5000 }), cost: fc.integer({ min: 1, max: 1500 }) }),
  { maxLength: 40 },
)

describe('token buckets', () => {
  test('never let more pass than the burst and what was refilled, whatever the clock does', () => {
    fc.assert(
      fc.property(rate, steps, (limit, all) => {
        let [bucket, now, passed]: [Bucket | undefined, number, number] = [undefined, 1000, 0]
        // The bucket is born full at the first step, which may itself lie in the clock's past.
        const begin = now + (all[0]?.wait ?? 0)
        let latest = begin
        for (const { wait, cost } of all) {
          now += wait
          latest = Math.max(latest, now)
          const spent = spend(limit, bucket, cost, now)
          bucket = spent.bucket
          if (spent.ok) passed += Math.min(cost, limit.burst)
          expect(bucket.tokens).toBeGreaterThanOrEqual(0)
          expect(bucket.tokens).toBeLessThanOrEqual(limit.burst)
        }
        expect(passed).toBeLessThanOrEqual(limit.burst + ((latest - begin) * limit.perSecond) / 1000 + 1e-6)
      }),
    )
  })

  test('what was refused passes after the time that was told', () => {
    fc.assert(
      fc.property(rate, fc.integer({ min: 1, max: 1500 }), (limit, cost) => {
        const empty = spend(limit, undefined, limit.burst, 0).bucket
        const refused = spend(limit, empty, cost, 0)
        expect(refused.ok).toBe(false)
        if (!refused.ok) expect(spend(limit, refused.bucket, cost, refused.retryAfter).ok).toBe(true)
      }),
    )
  })

  test('forget who rests: memory is bounded by who is busy', () => {
    const clock = { now: () => time, sleep: () => Promise.resolve() }
    let time = 0
    const limit: Rate = { perSecond: 10, burst: 10 }
    const buckets = new Buckets(limit, clock)
    for (let i = 0; i < 20_000; i++) {
      time += 1
      buckets.take(`client ${i}`, 1)
    }
    expect(buckets.size).toBeLessThan(3_000)
    expect(isFull(limit, { tokens: 9.9, at: 0 }, 0)).toBe(false)
  })

  test('the defaults let one client send 1,000 messages in batches of 64 at once', () => {
    for (const name of ['connection', 'address', 'topic'] as const) {
      let bucket: Bucket | undefined
      for (let sent = 0; sent < 1_000; sent += 64) {
        const spent = spend(DEFAULT_LIMITS[name], bucket, 64, 0)
        expect(spent.ok).toBe(true)
        bucket = spent.bucket
      }
    }
  })
})

test('a quota is exact and names its limit', () => {
  withinQuota('things', 10, 4, 6)
  expect(() => withinQuota('things', 10, 4, 7)).toThrowError(
    expect.objectContaining({ code: 'relay/quota', details: { what: 'things', limit: 10 } }),
  )
})

test('a successor list keeps room for newer keys, whoever fills it first and in whatever order', () => {
  const LIMIT = 64
  const writers = fc.array(fc.nat(9), { maxLength: 300 })
  fc.assert(
    fc.property(writers, fc.integer({ min: 2, max: 9 }), (epochs, current) => {
      const held: number[] = []
      for (const shown of epochs.filter((epoch) => epoch <= current)) {
        const bounds = successorBounds(LIMIT, current, shown)
        if (bounds.every(({ epoch, items }) => held.filter((other) => other <= epoch).length < items)) held.push(shown)
      }
      const upTo = (epoch: number) => held.filter((other) => other <= epoch).length
      expect(upTo(current - 2)).toBeLessThanOrEqual(32)
      expect(upTo(current - 1)).toBeLessThanOrEqual(48)
      expect(upTo(current)).toBeLessThanOrEqual(LIMIT)
    }),
  )
  expect(successorBounds(LIMIT, 5, 5)).toEqual([{ epoch: 5, items: LIMIT }])
  expect(successorBounds(LIMIT, 0, 0)).toEqual([{ epoch: 0, items: LIMIT }])
  expect(successorBounds(1, 5, 0).map(({ items }) => items)).toEqual([1, 1, 1])
})

test('commits are never trimmed before messages', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4000 }),
      fc.integer({ min: 1, max: 4000 }),
      fc.nat(),
      (days, commitDays, now) => {
        const times = sweepTimes({ days, commitDays }, now)
        expect(times.commits).toBeLessThanOrEqual(times.entries)
        expect(times.successors).toBe(times.commits)
        expect(times.entries).toBe(now - days * 86_400_000)
      },
    ),
  )
})
