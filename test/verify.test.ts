import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { failing, failures, merged, reportOf, summary, tally } from '../scripts/lib/results.mjs'
import { run } from '../scripts/lib/run.mjs'

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
    const many = Array.from({ length: 9 }, (_, i) => named(`${i}`, 'failed', 'failed'))
    expect(failing(report(...many.slice(1)))).toHaveLength(8)
    expect(failing(report(...many))).toEqual([])
  })

  test('is told in a line, with what each of its tests said first', () => {
    const lines = failures({
      testResults: [
        {
          name: 'a',
          status: 'failed',
          assertionResults: [{ status: 'passed' }, { status: 'failed', name: 'adds', message: 'expected 3, got 4' }],
        },
        { name: 'b', status: 'failed', assertionResults: [], message: 'no such module' },
      ],
      unfinished: ['c'],
    })
    expect(lines).toEqual(['a > adds: expected 3, got 4', 'b: no such module', 'c: never ended'])
    expect(failures(undefined)).toEqual([])
  })

  test('counts as it did the second time', () => {
    const good = merged(first, report(named('b', 'passed', 'passed', 'passed')))
    expect(summary(tally(good, 0))).toBe('3 passed, 0 failed')
    const bad = merged(first, report(named('b', 'failed', 'failed', 'passed')))
    expect(summary(tally(bad, 1))).toBe('2 passed, 1 failed')
    expect(summary(tally(merged(first, undefined), 1))).toBe('2 passed, 1 failed')
  })
})

describe('a run that never ends', () => {
  const lines = (...events: object[]) => events.map((event) => `${JSON.stringify(event)}\n`).join('')
  const first = reportOf(
    lines(
      { planned: ['a', 'b', 'c'] },
      { began: '1', name: 'a > fine' },
      { ended: '1' },
      { file: named('a', 'passed', 'passed') },
      { began: '2', name: 'b > waits' },
    ),
  )

  test('has told what ended, and what it was doing', () => {
    expect(first).toMatchObject({ unfinished: ['b', 'c'], running: ['b > waits'] })
    expect(summary(tally(first, 137))).toBe('1 passed, 2 failed')
  })

  test('is run again where it stood', () => {
    expect(failing(first)).toEqual(['b', 'c'])
    const again = reportOf(
      lines(
        { planned: ['b', 'c'] },
        { file: named('b', 'passed', 'passed') },
        { file: named('c', 'passed', 'passed') },
      ),
    )
    expect(summary(tally(merged(first, again), 0))).toBe('3 passed, 0 failed')
    const stuck = reportOf(lines({ planned: ['b', 'c'] }, { file: named('c', 'passed', 'passed') }))
    expect(summary(tally(merged(first, stuck), 137))).toBe('2 passed, 1 failed')
  })
})

describe('a program', () => {
  const CHILD = `require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e9)'],`

  test.skipIf(process.platform === 'win32')('that is stuck is killed with all that it started', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'dchat-run-'))
    const file = join(folder, 'pid')
    const script = `const child = ${CHILD} { detached: true, stdio: 'inherit' })
      require('node:fs').writeFileSync(${JSON.stringify(file)}, String(child.pid))
      setInterval(() => {}, 1e9)`
    const until = new AbortController()
    const ended = run([process.execPath, '-e', script], { until: until.signal })
    await expect.poll(() => existsSync(file) && readFileSync(file, 'utf8')).toMatch(/^\d+$/)
    const pid = Number(readFileSync(file, 'utf8'))
    until.abort()
    expect((await ended).code).not.toBe(0)
    await expect.poll(() => gone(pid)).toBe(true)
    rmSync(folder, { recursive: true })
  })

  test.skipIf(process.platform === 'win32')('that ends is not waited for because of what it left behind', async () => {
    const script = `const child = ${CHILD} { detached: true, stdio: 'inherit' })
      console.log(child.pid)
      process.exit(0)`
    const { code, output } = await run([process.execPath, '-e', script])
    expect(code).toBe(0)
    process.kill(Number(output), 'SIGKILL')
  })
})

/** Nothing runs under this number, or only what waits to be buried. */
const gone = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return true
  }
}
