import { expect, test } from 'vitest'
import { formatApart } from '../../src/renderer/lib/format-time.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

test.each([
  [-3 * HOUR, '3 hours'],
  [12 * MINUTE, '12 minutes'],
  [50 * HOUR, '2 days'],
  [61 * MINUTE, '1 hour'],
])('two clocks that are %i ms apart are told as %s', (ms, words) => {
  expect(formatApart(ms)).toBe(words)
})
