import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nextSignalTime, REPLAY_WINDOW, ReplayWindow } from '../../src/domain/presence/replay-window.ts'
import { jittered, type Standing, signalsOf, TYPING_PEOPLE } from '../../src/domain/presence/rules.ts'

const NOW = 1_800_000_000_000

describe('the replay window', () => {
  test('admits each signal once, in growing order, and only fresh ones', () => {
    const window = new ReplayWindow()
    expect(window.admit('a', NOW, NOW)).toBe(true)
    expect(window.admit('a', NOW, NOW + 1)).toBe(false)
    expect(window.admit('a', NOW - 1, NOW + 1)).toBe(false)
    expect(window.admit('b', NOW - REPLAY_WINDOW, NOW)).toBe(true)
    expect(window.admit('c', NOW - REPLAY_WINDOW - 1, NOW)).toBe(false)
    expect(window.admit('d', NOW + REPLAY_WINDOW, NOW)).toBe(true)
    expect(window.admit('e', NOW + REPLAY_WINDOW + 1, NOW)).toBe(false)
  })

  test('never admits anything twice, however a relay orders, repeats and delays it', () => {
    const sent = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(90_000)), { maxLength: 30 })
    const played = fc.array(fc.tuple(fc.nat(), fc.nat(5_000)), { maxLength: 100 })
    fc.assert(
      fc.property(sent, played, (signals, order) => {
        if (signals.length === 0) return
        const window = new ReplayWindow()
        const heard = new Set<string>()
        let now = NOW
        for (const [which, pause] of order) {
          now += pause
          const [device, offset] = signals[which % signals.length] as (typeof signals)[number]
          if (!window.admit(device, NOW + offset, now)) continue
          expect(Math.abs(NOW + offset - now)).toBeLessThanOrEqual(REPLAY_WINDOW)
          expect(heard.has(`${device} ${offset}`)).toBe(false)
          heard.add(`${device} ${offset}`)
        }
      }),
    )
  })

  test('hears all of a device whose signals come in order, its clock put on and back', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -20_000, max: 20_000 }), { maxLength: 50 }), (steps) => {
        const window = new ReplayWindow()
        let now = NOW
        let last: number | undefined
        for (const step of steps) {
          // The receiver's clock is right; the sender's is wrong by no more than the window.
          now += Math.abs(step)
          last = nextSignalTime(now + (step % 5_000), last)
          expect(window.admit('a', last, now)).toBe(true)
        }
      }),
    )
  })

  test('remembers a bounded number of devices, and makes room for new ones as time passes', () => {
    const window = new ReplayWindow()
    let admitted = 0
    for (let i = 0; i < 3_000; i++) if (window.admit(`device ${i}`, NOW, NOW)) admitted += 1
    expect(admitted).toBe(2_000)
    expect(window.admit('device 0', NOW, NOW)).toBe(false)
    const later = NOW + REPLAY_WINDOW + 1
    expect(window.admit('device 2999', later, later)).toBe(true)
    expect(window.admit('device 0', NOW, later)).toBe(false)
  })

  test('a clock that was put back by hours begins anew', () => {
    expect(nextSignalTime(NOW, NOW + 5)).toBe(NOW + 6)
    expect(nextSignalTime(NOW, NOW + 3_600_000)).toBe(NOW)
    expect(nextSignalTime(NOW, undefined)).toBe(NOW)
  })
})

describe('which signals a conversation has', () => {
  const on = { typing: true, presence: true }
  const dm: Standing = { kind: 'dm', isOpen: true, people: 2, consent: 'allowed', hasWritten: false }
  const group: Standing = { ...dm, kind: 'group', consent: 'unknown', people: 3 }

  test.each<[string, Standing, { typing: boolean; presence: boolean }]>([
    ['somebody allowed', dm, { typing: true, presence: true }],
    ['a stranger who was let in', { ...dm, consent: 'unknown' }, { typing: true, presence: false }],
    ['a stranger who was answered', { ...dm, consent: 'unknown', hasWritten: true }, { typing: true, presence: true }],
    ['somebody denied', { ...dm, consent: 'denied', hasWritten: true }, { typing: false, presence: false }],
    ['somebody blocked', { ...dm, consent: 'blocked', hasWritten: true }, { typing: false, presence: false }],
    ['a request, or a room that is over', { ...dm, isOpen: false }, { typing: false, presence: false }],
    ['a group', group, { typing: true, presence: false }],
    ['a large group', { ...group, people: TYPING_PEOPLE + 1 }, { typing: false, presence: false }],
  ])('%s', (_, standing, expected) => expect(signalsOf(on, standing)).toEqual(expected))

  test('never more than the settings allow', () => {
    const standings = fc.record<Standing>({
      kind: fc.constantFrom('dm', 'group'),
      isOpen: fc.boolean(),
      people: fc.integer({ min: 1, max: 1_000 }),
      consent: fc.constantFrom('unknown', 'allowed', 'denied', 'blocked'),
      hasWritten: fc.boolean(),
    })
    fc.assert(
      fc.property(standings, fc.boolean(), fc.boolean(), (standing, typing, presence) => {
        const told = signalsOf({ typing, presence }, standing)
        expect(told.typing && !typing).toBe(false)
        expect(told.presence && !presence).toBe(false)
      }),
    )
  })

  test('spans are spread by a quarter to either side', () => {
    expect([0, 255].map((byte) => jittered(60_000, byte))).toEqual([45_000, 75_000])
  })
})
