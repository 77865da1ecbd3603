import type { ErrorCode, ErrorCodes } from '@dchat/sdk/errors'
import { DchatError, ERRORS } from '@dchat/sdk/errors'
import { describe, expect, test } from 'vitest'
import { exitCode, toFailure } from '../src/io/failure.ts'
import { Stopped } from '../src/io/stop.ts'
import { run } from '../src/run.ts'
import { fakeHost } from './support/host.ts'

const system = (code: string): Error => Object.assign(new Error(code), { code, path: '/somewhere' })

describe('exit codes', () => {
  test('come from the table of errors, for every code', () => {
    const details = new Proxy({}, { get: () => [] }) as ErrorCodes[ErrorCode]
    for (const [code, { exit }] of Object.entries(ERRORS)) {
      expect(exitCode(new DchatError(code as ErrorCode, details))).toBe(exit)
      expect(exit).toBeGreaterThanOrEqual(1)
      expect(exit).toBeLessThanOrEqual(10)
    }
  })

  test('each code that the reference names is used', () => {
    const used = new Set(Object.values(ERRORS).map(({ exit }) => exit))
    expect([...used].sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test('signals and a reader that went away have their own', () => {
    expect([130, 143, 0].map((exit) => exitCode(new Stopped(exit as 0 | 130 | 143)))).toEqual([130, 143, 0])
  })

  test('what the system says about files becomes a storage error; a bug stays a bug', () => {
    expect(toFailure(system('ENOSPC')).code).toBe('storage/full')
    expect(toFailure(system('EACCES')).code).toBe('storage/unavailable')
    expect(toFailure(new TypeError('x')).code).toBe('internal/unexpected')
    expect(toFailure('text').code).toBe('internal/unexpected')
  })
})

describe('errors are told', () => {
  test('as a sentence and a remedy on stderr; stdout stays empty', async () => {
    const host = fakeHost(['nope'])
    expect(await run(host)).toBe(2)
    expect(host.out()).toBe('')
    expect(host.err().trim().split('\n')).toHaveLength(2)
  })

  test('as one JSON line on stderr, also when the command line itself is wrong', async () => {
    const host = fakeHost(['nope', '--json'])
    expect(await run(host)).toBe(2)
    expect(host.out()).toBe('')
    expect(host.err().match(/\n/g)).toHaveLength(1)
    expect(JSON.parse(host.err())).toEqual({
      v: 1,
      ok: false,
      error: {
        code: 'usage/invalid-argument',
        message: expect.stringContaining('nope'),
        retryable: false,
        hint: ERRORS['usage/invalid-argument'].remedy,
      },
    })
  })

  test('not at all when the program was told to stop', async () => {
    const host = fakeHost(['send', 'bob', '-'], { input: 'never read' })
    host.stop.abort(new Stopped(143))
    expect(await run(host)).toBe(143)
    expect(host.err()).toBe('')
  })
})
