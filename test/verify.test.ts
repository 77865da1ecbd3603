import { describe, expect, test } from 'vitest'
import { summary, tally } from '../scripts/lib/results.mjs'

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((state) => ({ status: state })),
})
const report = (...testResults: ReturnType<typeof file>[]) => ({ testResults })

describe('the sum of a run', () => {
  test.each([
    [
      'counts each state',
      report(file('failed', 'passed', 'failed', 'skipped'), file('passed', 'passed')),
      1,
      '2 passed, 1 failed, 1 skipped',
    ],
    [
      'counts a file that could not be loaded',
      report(file('failed'), file('passed', 'passed')),
      1,
      '1 passed, 1 failed',
    ],
    ['counts a file that failed around its tests', report(file('failed', 'passed')), 1, '1 passed, 1 failed'],
    ['counts a run that failed without a failed test', report(file('passed', 'passed')), 1, '1 passed, 1 failed'],
    ['counts a run without a report', undefined, 127, '0 passed, 1 failed'],
    ['is clean when all is', report(file('passed', 'passed', 'passed')), 0, '2 passed, 0 failed'],
  ])('%s', (_, input, code, expected) => expect(summary(tally(input, code))).toBe(expected))
})
