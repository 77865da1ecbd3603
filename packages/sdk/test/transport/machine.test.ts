import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { DEFAULT_BACKOFF, pauseOf } from '../../src/adapters/transport/backoff.ts'
import { type LinkEvent, type Phase, stateOf, step } from '../../src/adapters/transport/link-machine.ts'
import { DchatError } from '../../src/errors.ts'

const backoff = { base: 100, cap: 1000, stable: 5000, offline: 7000 }
const at = (now: number) => ({ now, fraction: 1, backoff, online: true })
const cutOff = (now: number) => ({ ...at(now), online: false })
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
  offline: { event: 'offline' },
  online: { event: 'online' },
  awake: { event: 'awake' },
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
    ['connecting', 'offline', 'waiting', ['drop', 'schedule']],
    ['connecting', 'online', 'connecting', ['drop', 'dial']],
    ['connecting', 'close', 'closed', ['finish']],
    ['proving', 'proven', 'ready', ['resume']],
    ['proving', 'lost', 'waiting', ['drop', 'schedule']],
    ['proving', 'goodbye', 'waiting', ['drain', 'schedule']],
    ['proving', 'offline', 'waiting', ['drop', 'schedule']],
    ['proving', 'online', 'connecting', ['drop', 'dial']],
    ['proving', 'close', 'closed', ['finish']],
    ['ready', 'lost', 'waiting', ['drop', 'schedule']],
    ['ready', 'goodbye', 'waiting', ['drain', 'schedule']],
    ['ready', 'offline', 'ready', ['check']],
    ['ready', 'online', 'ready', ['check']],
    ['ready', 'awake', 'ready', ['check']],
    ['ready', 'close', 'closed', ['finish']],
    ['waiting', 'due', 'connecting', ['drop', 'dial']],
    ['waiting', 'offline', 'waiting', ['schedule']],
    ['waiting', 'online', 'connecting', ['drop', 'dial']],
    ['waiting', 'awake', 'connecting', ['drop', 'dial']],
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

  describe('without a network', () => {
    const { phase: left } = step(PHASES.ready, EVENTS.goodbye, at(0))

    test('what fails waits for the network, looks now and then, and is not counted', () => {
      const expected = { phase: 'waiting', failures: 1, reason: 'offline', retryAt: 7100 }
      expect(step(PHASES.connecting, EVENTS.lost, cutOff(100)).phase).toEqual(expected)
      expect(step(PHASES.connecting, EVENTS.offline, at(100)).phase).toEqual(expected)
      expect(step(PHASES.waiting, EVENTS.offline, at(100)).phase).toEqual(expected)
      expect(step(step(PHASES.waiting, EVENTS.offline, at(0)).phase, EVENTS.due, cutOff(7000)).phase).toEqual({
        phase: 'connecting',
        failures: 1,
      })
    })

    test('a refusal is forgotten: the network that comes may lead elsewhere', () => {
      const { phase } = step(PHASES.connecting, { event: 'lost', reason: 'x', refusal }, at(0))
      expect(step(phase, EVENTS.offline, at(0)).phase).not.toHaveProperty('refusal')
    })

    test('a network that is there again makes earlier failures forgotten', () => {
      expect(step(PHASES.waiting, EVENTS.online, at(10)).phase).toEqual({ phase: 'connecting', failures: 0 })
      expect(step(PHASES.proving, EVENTS.online, at(10)).phase).toEqual({ phase: 'connecting', failures: 0 })
    })

    test('a page that resumes tries though its network is said to be lost only when its time has come', () => {
      const { phase } = step(PHASES.waiting, EVENTS.offline, at(0))
      expect(step(phase, EVENTS.awake, cutOff(6999)).effects).toEqual([{ effect: 'schedule', delay: 1 }])
      expect(step(phase, EVENTS.awake, cutOff(7000)).phase).toEqual({ phase: 'connecting', failures: 1 })
      expect(step(phase, EVENTS.awake, at(1)).phase).toEqual({ phase: 'connecting', failures: 1 })
      // The clock was put back by an hour.
      expect(step(phase, EVENTS.awake, cutOff(-3_600_000)).phase.phase).toBe('connecting')
    })

    test.each(['online', 'awake'] as const)('%s does not hurry back to a relay that asked for a pause', (event) => {
      const pauses = step(left, EVENTS[event], at(1000))
      expect(pauses.phase).toMatchObject({ phase: 'waiting', reason: 'restart', retryAt: 3200 })
      expect(pauses.effects).toEqual([{ effect: 'schedule', delay: 2200 }])
      expect(step(left, EVENTS[event], at(3200)).phase.phase).toBe('connecting')
      expect(step(left, EVENTS[event], at(-1)).phase.phase).toBe('connecting')
    })

    test('a relay that asked for a pause gets it after the network came back too', () => {
      const lost = step(left, EVENTS.offline, at(100)).phase
      expect(lost).toMatchObject({ reason: 'offline', retryAt: 7100 })
      expect(step(lost, EVENTS.online, at(200)).phase).toMatchObject({ reason: 'restart', retryAt: 3200 })
    })
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
