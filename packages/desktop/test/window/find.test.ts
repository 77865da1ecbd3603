import type { ConversationId } from '@dchat/sdk'
import { describe, expect, test } from 'vitest'
import { type Entry, fit, fitting } from '../../src/renderer/features/find/entries.ts'
import { pieces } from '../../src/renderer/features/find/pieces.ts'

const entry = (title: string): Entry => ({
  kind: 'conversation',
  id: title as ConversationId,
  title,
  group: false,
  unread: 0,
})

describe('the switcher', () => {
  test('takes the beginnings of words, in any order, without case and accents', () => {
    expect(fit('Jürgen Müller', 'mul jur')).toBeGreaterThan(0)
    expect(fit('Jürgen Müller', 'ller')).toBe(0)
    expect(fit('Flea market', 'FLEA')).toBeGreaterThan(fit('The flea market', 'flea'))
    expect(fit('محمد علي', 'عل')).toBeGreaterThan(0)
    expect(fit('dchat1qpzry', 'dchat1qp')).toBeGreaterThan(0)
  })

  test('puts what begins so first, and keeps the order among equals', () => {
    const found = fitting([entry('The flea market'), entry('Flea b'), entry('Flea a'), entry('Other')], 'flea')
    expect(found.map(({ title }) => title)).toEqual(['Flea b', 'Flea a', 'The flea market'])
  })
})

describe('an excerpt', () => {
  test('is cut at its marks, and nothing is lost', () => {
    expect(
      pieces('a lamp and a lamp', [
        [2, 6],
        [13, 17],
      ]),
    ).toEqual([
      { text: 'a ', marked: false },
      { text: 'lamp', marked: true },
      { text: ' and a ', marked: false },
      { text: 'lamp', marked: true },
    ])
    expect(pieces('lamp', [])).toEqual([{ text: 'lamp', marked: false }])
    expect(pieces('', [])).toEqual([])
  })
})
