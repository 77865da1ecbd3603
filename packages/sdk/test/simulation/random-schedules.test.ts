import { expect, test } from 'vitest'
import { some } from '../long.ts'
import { check, modeOf } from './check.ts'

const SHRINK = 60_000

/**
 * Two kinds that fail, one hostile member, one without faults, and two that broke a promise once: a device let in again by
 * a later state called what lies before it void, and a device that was out handed on what it knew. The rest is for the soak.
 */
const SEEDS = ['335', '1', '949', '7', '10', '3', '13', '9', '20', '28', '37', '102']

test.each(some(SEEDS, 5))(
  'every promise holds in schedule %s',
  async (seed) => {
    const { failure } = await check(seed, modeOf(Number(seed)), SHRINK)
    expect(failure).toBeUndefined()
  },
  180_000,
)

test('the same seed is the same schedule, event by event', async () => {
  const [one, two] = [await check('8', 'honest'), await check('8', 'honest')]
  expect(two.outcome.hash).toBe(one.outcome.hash)
})
