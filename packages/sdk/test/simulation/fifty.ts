import { expect, test } from 'vitest'
import { failureText } from '../../src/testing/schedule/report.ts'
import { run } from './check.ts'
import { crowd } from './crowd.ts'

/** One seed a file, so that a machine's cores share them. */
export const fifty = (seed: string): void =>
  test(`50 members all send while others are added and removed: all converge on the same messages in the same order (seed ${seed})`, async () => {
    const schedule = crowd(seed, 51)
    const outcome = await run(schedule, { lookEvery: 5_000, trees: false })
    expect(outcome.findings.length === 0 ? '' : failureText(schedule, outcome, { replay: 'this test' })).toBe('')
    expect(outcome.entries).toBeGreaterThan(200)
  }, 300_000)
