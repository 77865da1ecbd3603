import { expect, test } from 'vitest'
import { check, modeOf } from './check.ts'

const SHRINK = 60_000

test.each(['1', '3', '7', '9', '13', '20', '28', '37', '102'])(
  'every promise holds in schedule %s',
  async (seed) => {
    const { failure } = await check(seed, modeOf(Number(seed)), SHRINK)
    expect(failure).toBeUndefined()
  },
  180_000,
)

test('the same seed is the same schedule, event by event', async () => {
  for (const seed of ['8', '13']) {
    const [one, two] = [await check(seed, 'honest'), await check(seed, 'honest')]
    expect(two.outcome.hash).toBe(one.outcome.hash)
  }
})
