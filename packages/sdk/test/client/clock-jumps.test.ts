import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { memoryStorage } from '../../src/adapters/storage/memory.ts'
import type { Core } from '../../src/client/core.ts'
import { addJob, type JobHandler, JobRunner } from '../../src/client/jobs.ts'
import { sealedStore } from '../../src/domain/store/sealed-store.ts'
import { Broadcast } from '../../src/util/broadcast.ts'
import { systemRandom } from '../../src/util/system-random.ts'
import { elapsed, leftOf, waitFrom } from '../../src/util/time.ts'
import { HandClock } from '../support/clocks.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const YEAR = 366 * 24 * HOUR
const STEP = MINUTE / 2

/** Everything that can go on without time has gone on: the store keeps its rows in memory. */
const atRest = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}

const moments = fc.integer({ min: 2 * YEAR, max: 100 * YEAR })
const lengths = fc.integer({ min: 0, max: YEAR })
const jumps = fc.integer({ min: -2 * YEAR, max: 2 * YEAR })

describe('a wait', () => {
  test('is over after its time, and not before, by a clock that is left alone', () => {
    fc.assert(
      fc.property(moments, lengths, fc.integer({ min: 0, max: 2 * YEAR }), (now, ms, passed) => {
        expect(leftOf(waitFrom(now, ms), now + passed)).toBe(Math.max(0, ms - passed))
      }),
    )
  })

  test('never takes more than twice its length, wherever the clock is put meanwhile', () => {
    fc.assert(
      fc.property(moments, lengths, fc.double({ min: 0, max: 1, noNaN: true }), jumps, (now, ms, share, jump) => {
        const passed = Math.floor(ms * share)
        const left = leftOf(waitFrom(now, ms), now + passed + jump)
        expect(passed + left).toBeLessThanOrEqual(jump > 0 ? ms : 2 * ms)
      }),
    )
  })

  test('that began in a time which has not come is over at once', () => {
    expect(leftOf(waitFrom(HOUR, 15_000), HOUR - 1)).toBe(0)
    expect(elapsed(HOUR, HOUR - 1)).toBe(Number.POSITIVE_INFINITY)
    expect(elapsed(HOUR, HOUR + 7)).toBe(7)
  })
})

describe('durable work is done in its time', () => {
  const closing: AbortController[] = []
  afterEach(() => {
    for (const each of closing.splice(0)) each.abort()
  })

  /** A runner with one job that is due after `ms`; `done` counts how often it ran. */
  const begin = async (ms: number, handler: JobHandler = async () => undefined) => {
    const closed = new AbortController()
    closing.push(closed)
    const clock = new HandClock()
    const store = sealedStore(memoryStorage(), new Uint8Array(32).fill(1), systemRandom)
    const done: number[] = []
    const core = { store, clock, signal: closed.signal, events: new Broadcast(), log: { info: () => undefined } }
    const runner = new JobRunner(
      core as unknown as Core,
      async (job) => {
        done.push(clock.now())
        return handler(job)
      },
      () => 'lane',
    )
    await addJob(store, 'update/r', { kind: 'update', room: 'r' }, clock.now(), ms)
    runner.loop().catch(() => undefined)
    await atRest()
    const pass = async (time: number): Promise<void> => {
      for (let left = time; left > 0; left -= STEP) {
        await clock.advance(Math.min(left, STEP))
        await atRest()
      }
    }
    return { clock, done, runner, pass }
  }

  test('by a clock that is left alone', async () => {
    const { done, pass } = await begin(10 * MINUTE)
    await pass(9 * MINUTE)
    expect(done).toHaveLength(0)
    await pass(MINUTE)
    expect(done).toHaveLength(1)
  })

  test.each([
    ['back by an hour', -HOUR],
    ['back to 1970', -1_699_999_999_999],
    ['on by hours', 5 * HOUR],
    ['on by years', 3 * YEAR],
  ])('though the clock is put %s', async (_, jump) => {
    const { clock, done, runner, pass } = await begin(10 * MINUTE)
    await pass(2 * MINUTE)
    clock.jump(jump)
    expect(await runner.hasDue()).toBe(true)
    await pass(5 * MINUTE)
    expect(done).toHaveLength(1)
  })

  test('though the clock is put back by less than has passed', async () => {
    const { clock, done, pass } = await begin(10 * MINUTE)
    await pass(9 * MINUTE)
    clock.jump(-5 * MINUTE)
    await pass(5 * MINUTE)
    expect(done).toHaveLength(0)
    await pass(2 * MINUTE)
    expect(done).toHaveLength(1)
  })

  test('and what comes back waits its time again, from the new time on', async () => {
    const { clock, done, pass } = await begin(10 * MINUTE, async () => ({ again: 4 * MINUTE }))
    clock.jump(-HOUR)
    await pass(5 * MINUTE)
    expect(done).toHaveLength(1)
    clock.jump(-HOUR)
    await pass(5 * MINUTE)
    expect(done).toHaveLength(2)
    await pass(12 * MINUTE)
    expect(done).toHaveLength(5)
  })
})
