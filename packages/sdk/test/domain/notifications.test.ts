import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Arrival, levelOf, notifies } from '../../src/domain/notifications/rule.ts'
import type { NotifyLevel } from '../../src/records/personal.ts'

const words: Arrival = {
  own: false,
  isWords: true,
  mention: false,
  history: false,
  read: false,
  blocked: false,
  request: false,
}

describe('what notifies', () => {
  test.each<[string, Partial<Arrival>, NotifyLevel, boolean]>([
    ['words, all', {}, 'all', true],
    ['words, mentions only', {}, 'mentions', false],
    ['a mention, mentions only', { mention: true }, 'mentions', true],
    ['a mention, none', { mention: true }, 'none', false],
    ['words, none', {}, 'none', false],
    ['own words', { own: true }, 'all', false],
    ['a notice', { isWords: false }, 'all', false],
    ['the past', { history: true, mention: true }, 'all', false],
    ['read already', { read: true }, 'all', false],
    ['somebody blocked', { blocked: true, mention: true }, 'all', false],
    ['what stands behind a request', { request: true }, 'all', false],
  ])('%s', (_, fields, level, expected) => expect(notifies({ ...words, ...fields }, level)).toBe(expected))

  test('a higher level never tells less', () => {
    const arrivals = fc.record<Arrival>({
      own: fc.boolean(),
      isWords: fc.boolean(),
      mention: fc.boolean(),
      history: fc.boolean(),
      read: fc.boolean(),
      blocked: fc.boolean(),
      request: fc.boolean(),
    })
    fc.assert(
      fc.property(arrivals, (arrival) => {
        const [none, mentions, all] = (['none', 'mentions', 'all'] as const).map((level) => notifies(arrival, level))
        expect(none).toBe(false)
        expect(mentions === true && all === false).toBe(false)
      }),
    )
  })
})

describe('the level that holds', () => {
  test('is the conversation’s own until its time is over, then the setting', () => {
    expect(levelOf(undefined, 'mentions', 5)).toBe('mentions')
    expect(levelOf({ level: 'none' }, 'all', 5)).toBe('none')
    const muted = { level: 'none', until: 100 } as const
    expect(levelOf(muted, 'all', 99)).toBe('none')
    expect(levelOf(muted, 'all', 100)).toBe('all')
  })
})
