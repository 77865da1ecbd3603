import { describe, expect, test } from 'vitest'
import { failing, merged, summary, tally } from '../scripts/lib/results.mjs'

const file = (status: string, ...tests: string[]) => named('a.test.ts', status, ...tests)
const named = (name: string, status: string, ...tests: string[]) => ({
  name,
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

describe('a file that failed', () => {
  const first = report(named('a', 'passed', 'passed'), named('b', 'failed', 'passed', 'failed'))

  test('is run again, unless too many are', () => {
    expect(failing(first)).toEqual(['b'])
    expect(failing(report(named('a', 'passed', 'passed')))).toEqual([])
    expect(failing(undefined)).toEqual([])
    expect(failing(report(...['a', 'b', 'c', 'd'].map((name) => named(name, 'failed', 'failed'))))).toEqual([])
  })

  test('counts as it did the second time', () => {
    const good = merged(first, report(named('b', 'passed', 'passed', 'passed')))
    expect(summary(tally(good, 0))).toBe('3 passed, 0 failed')
    const bad = merged(first, report(named('b', 'failed', 'failed', 'passed')))
    expect(summary(tally(bad, 1))).toBe('2 passed, 1 failed')
    expect(summary(tally(merged(first, undefined), 1))).toBe('2 passed, 1 failed')
  })
})
