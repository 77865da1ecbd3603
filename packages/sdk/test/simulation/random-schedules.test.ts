import { expect, test } from 'vitest'
import { check } from './check.ts'

const SHRINK = 60_000

test.each([
  ['1', 'honest'],
  ['3', 'honest'],
  ['9', 'honest'],
  ['13', 'honest'],
  ['4', 'calm'],
])(
  'every promise holds in schedule %s (%s)',
  async (seed, mode) => {
    const { failure } = await check(seed, mode, SHRINK)
    expect(failure).toBeUndefined()
  },
  180_000,
)

test('the same seed is the same schedule, event by event', async () => {
  const [one, two] = [await check('8', 'honest'), await check('8', 'honest')]
  expect(two.outcome.hash).toBe(one.outcome.hash)
})
