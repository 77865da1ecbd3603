import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_BACKOFF, pauseOf } from '../../src/adapters/transport/backoff.ts'
import { type LinkEvent, type Phase, stateOf, step } from '../../src/adapters/transport/link-machine.ts'
import { DchatError } from '../../src/errors.ts'

const backoff = { base: 100, cap: 1000, stable: 5000 }
const at = (now: number) => ({ now, fraction: 1, backoff })
const welcome = { relayKey: new Uint8Array(32), version: 1 }
const refusal = new DchatError('crypto/bad-signature', { what: 'welcome' })

const PHASES: Record<Phase['phase'], Phase> = {
  idle: { phase: 'idle' },
  connecting: { phase: 'connecting', failures: 1 },
  proving: { phase: 'proving', failures: 1, welcome },
  ready: { phase: 'ready', failures: 1, welcome, since: 0 },
  waiting: { phase: 'waiting', failures: 1, retryAt: 50, reason: 'x' },
  closed: { phase: 'closed' },
}

const EVENTS: Record<LinkEvent['event'], LinkEvent> = {
  wanted: { event: 'wanted' },
  welcomed: { event: 'welcomed', welcome },
  proven: { event: 'proven' },
  lost: { event: 'lost', reason: 'broke' },
  goodbye: { event: 'goodbye', reason: 'restart', retryAfter: 3000 },
  due: { event: 'due' },
  close: { event: 'close' },
}

/** The specification: from a phase, by an event, to a phase with effects. What is not named changes nothing. */
const TABLE: readonly [from: Phase['phase'], by: LinkEvent['event'], to: Phase['phase'], effects: readonly string[]][] =
  [
    ['idle', 'wanted', 'connecting', ['dial']],
    ['idle', 'close', 'closed', ['finish']],
    ['connecting', 'welcomed', 'proving', ['prove']],
    ['connecting', 'lost', 'waiting', ['drop', 'schedule']],
    ['connecting', 'goodbye', 'waiting', ['drain', 'schedule']],
    ['connecting', 'close', 'closed', ['finish']],
    ['proving', 'proven', 'ready', ['resume']],
    ['proving', 'lost', 'waiting', ['drop', 'schedule']],
    ['proving', 'goodbye', 'waiting', ['drain', 'schedule']],
    ['proving', 'close', 'closed', ['finish']],
    ['ready', 'lost', 'waiting', ['drop', 'schedule']],
    ['ready', 'goodbye', 'waiting', ['drain', 'schedule']],
    ['ready', 'close', 'closed', ['finish']],
    ['waiting', 'due', 'connecting', ['drop', 'dial']],
    ['waiting', 'close', 'closed', ['finish']],
  ]

describe('the states of a link', () => {
  const pairs = Object.values(PHASES).flatMap((phase) => Object.values(EVENTS).map((event) => ({ phase, event })))

  test.each(pairs)('$phase.phase by $event.event', ({ phase, event }) => {
    const expected = TABLE.find(([from, by]) => from === phase.phase && by === event.event)
    const { phase: next, effects } = step(phase, event, at(100))
    expect(next.phase).toBe(expected?.[2] ?? phase.phase)
    expect(effects.map(({ effect }) => effect)).toEqual(expected?.[3] ?? [])
    if (!expected) expect(next).toBe(phase)
  })

  test('failures in a row lengthen the pause; a connection that held makes it short again', () => {
    const lost = (phase: Phase, now: number) => step(phase, EVENTS.lost, at(now)).phase
    expect(lost({ phase: 'connecting', failures: 2 }, 100)).toMatchObject({ failures: 3, retryAt: 500 })
    expect(lost({ phase: 'ready', failures: 2, welcome, since: 0 }, 4999)).toMatchObject({ failures: 3, retryAt: 5399 })
    expect(lost({ phase: 'ready', failures: 2, welcome, since: 0 }, 5000)).toMatchObject({ failures: 1, retryAt: 5100 })
  })

  test('a relay that says goodbye is given the time it asked for, and some more', () => {
    expect(step(PHASES.ready, EVENTS.goodbye, at(0)).phase).toMatchObject({ reason: 'restart', retryAt: 3200 })
  })

  test('a refusal is kept and waits for the longest time', () => {
    const { phase } = step(PHASES.connecting, { event: 'lost', reason: 'x', refusal }, at(0))
    expect(phase).toMatchObject({ refusal, retryAt: 1000 })
    expect(step(phase, EVENTS.due, at(1000)).phase).toEqual({ phase: 'connecting', failures: 2 })
  })

  test('what the port shows has no inner details', () => {
    expect(Object.values(PHASES).map(stateOf)).toEqual([
      { state: 'idle' },
      { state: 'connecting' },
      { state: 'connecting' },
      { state: 'ready', relayKey: welcome.relayKey, version: 1 },
      { state: 'waiting', retryAt: 50, reason: 'x' },
      { state: 'closed' },
    ])
  })
})

test('pauses grow, stay within half and whole of their bound, and never exceed the cap', () => {
  fc.assert(
    fc.property(fc.nat(2000), fc.double({ min: 0, max: 1, noNaN: true }), (failures, fraction) => {
      const pause = pauseOf(DEFAULT_BACKOFF, failures, fraction)
      const longest = Math.min(DEFAULT_BACKOFF.cap, DEFAULT_BACKOFF.base * 2 ** failures)
      expect(pause).toBeGreaterThanOrEqual(Math.floor(longest / 2))
      expect(pause).toBeLessThanOrEqual(longest)
    }),
  )
})
