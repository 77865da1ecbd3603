import { expect, test } from 'vitest'
import { failureText } from '../../src/testing/schedule/report.ts'
import { LONG, some } from '../long.ts'
import { run } from './check.ts'
import { type CrowdOptions, crowd } from './crowd.ts'

const CROWD: CrowdOptions = LONG
  ? { size: 51, says: [1, 2], goers: 5, comers: 6, again: 8 }
  : { size: 51, says: [1, 1], goers: 2, comers: 2, again: 2 }

test.each(some(['1', '2', '3'], 1))(
  '50 members all send while others are added and removed: all converge on the same messages in the same order (seed %s)',
  async (seed) => {
    const schedule = crowd(seed, CROWD)
    const outcome = await run(schedule, { lookEvery: 5_000, trees: false })
    expect(outcome.findings.length === 0 ? '' : failureText(schedule, outcome, { replay: 'this test' })).toBe('')
    expect(outcome.entries).toBeGreaterThan(LONG ? 200 : 100)
  },
  900_000,
)
