import { describe, expect, test } from 'vitest'
import { commandFor, KEYBOARD } from '../../src/renderer/app/keyboard.ts'
import { neighbour } from '../../src/renderer/app/neighbour.ts'
import { hueOf, initials } from '../../src/renderer/design/face.ts'
import { formatAmount } from '../../src/renderer/lib/format-amount.ts'
import { formatDay, formatDuration, formatLeft, formatRelative } from '../../src/renderer/lib/format-time.ts'

const press = (key: string, held: readonly ('ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey')[] = []) => ({
  key,
  ctrlKey: held.includes('ctrlKey'),
  metaKey: held.includes('metaKey'),
  altKey: held.includes('altKey'),
  shiftKey: held.includes('shiftKey'),
})

describe('the keyboard', () => {
  test('answers Ctrl and Cmd alike, and tells Shift apart', () => {
    expect(commandFor(press('k', ['ctrlKey']))).toBe('switcher')
    expect(commandFor(press('k', ['metaKey']))).toBe('switcher')
    expect(commandFor(press('f', ['ctrlKey']))).toBe('search-here')
    expect(commandFor(press('F', ['ctrlKey', 'shiftKey']))).toBe('search-everywhere')
    expect(commandFor(press('ArrowDown', ['altKey']))).toBe('next')
    expect(commandFor(press('ArrowUp', ['altKey', 'shiftKey']))).toBe('previous-unread')
    expect(commandFor(press('F6', ['shiftKey']))).toBe('previous-pane')
  })

  test('takes ? with the Shift that some keyboards need for it, and leaves plain letters alone', () => {
    expect(commandFor(press('?', ['shiftKey']))).toBe('help')
    expect(commandFor(press('?'))).toBe('help')
    expect(commandFor(press('k'))).toBeUndefined()
    expect(commandFor(press('r'))).toBeUndefined()
  })

  test('has each shortcut once in a place', () => {
    for (const { shortcuts } of KEYBOARD) {
      const keys = shortcuts.flatMap((shortcut) => shortcut.keys)
      expect(new Set(keys).size).toBe(keys.length)
    }
  })
})

describe('the conversation beside the open one', () => {
  const list = [
    { id: 'a', unread: 0 },
    { id: 'b', unread: 2 },
    { id: 'c', unread: 0 },
    { id: 'd', unread: 1 },
  ]

  test('is the next or the one before, around the ends', () => {
    expect(neighbour(list, 'a', 1, false)).toBe('b')
    expect(neighbour(list, 'd', 1, false)).toBe('a')
    expect(neighbour(list, 'a', -1, false)).toBe('d')
    expect(neighbour(list, undefined, 1, false)).toBe('a')
    expect(neighbour(list, undefined, -1, false)).toBe('d')
  })

  test('is the next unread one, and none where there is none', () => {
    expect(neighbour(list, 'b', 1, true)).toBe('d')
    expect(neighbour(list, 'd', 1, true)).toBe('b')
    expect(neighbour([{ id: 'a', unread: 0 }], 'a', 1, true)).toBeUndefined()
    expect(neighbour([{ id: 'a', unread: 3 }], 'a', 1, false)).toBeUndefined()
    expect(neighbour([], undefined, 1, false)).toBeUndefined()
  })
})

describe('faces', () => {
  test('one letter or two, and one sign for scripts without capitals', () => {
    expect(initials('Alice')).toBe('A')
    expect(initials('Bob Builder')).toBe('BB')
    expect(initials('田中さくら')).toBe('田')
    expect(initials('محمد علي')).toBe('م')
    expect(initials('👩‍👩‍👧 Family')).toBe('👩‍👩‍👧')
    expect(initials('  (Bob)  ')).toBe('B')
    expect(initials('')).toBe('')
    expect(initials('···')).toBe('')
  })

  test('the colour is the same for the same text', () => {
    expect(hueOf('dchat1abc')).toBe(hueOf('dchat1abc'))
    expect(new Set(Array.from({ length: 200 }, (_, index) => hueOf(`p${index}`))).size).toBeGreaterThan(8)
  })
})

describe('amounts', () => {
  test('are exact, however large', () => {
    expect(formatAmount(123456789012345678901234n, 2).replaceAll(/\D/g, '')).toBe('123456789012345678901234')
    expect(formatAmount(5, 2)).toMatch(/^0.05$/)
    expect(formatAmount(-1500, 2)).toMatch(/^−15.00$/)
    expect(formatAmount(1500, 2, true)).toMatch(/^\+15.00$/)
    expect(formatAmount(500, 0)).toBe('500')
  })
})

describe('times', () => {
  const now = new Date(2026, 2, 12, 15, 0).getTime()
  const HOUR = 3_600_000

  test('are relative up to a day, then the weekday, then the date', () => {
    expect(formatRelative(now - 20_000, now)).toBe('now')
    expect(formatRelative(now + 60_000, now)).toBe('now')
    expect(formatRelative(now - 5 * 60_000, now)).toBe('5 min')
    expect(formatRelative(now - 23 * HOUR, now)).toBe('23 h')
    expect(formatRelative(now - 25 * HOUR, now)).toBe(
      new Intl.DateTimeFormat(undefined, { weekday: 'short' }).format(now - 25 * HOUR),
    )
    expect(formatRelative(new Date(2025, 0, 1).getTime(), now)).toContain('2025')
  })

  test('days go from midnight to midnight', () => {
    expect(formatDay(new Date(2026, 2, 12, 0, 0).getTime(), now)).toBe('Today')
    expect(formatDay(new Date(2026, 2, 11, 23, 59).getTime(), now)).toBe('Yesterday')
  })

  test('what is left is rounded down', () => {
    expect(formatDuration(47.9 * HOUR)).toBe('47 h')
    expect(formatDuration(48 * HOUR)).toBe('2 d')
    expect(formatLeft(now + 59_000, now)).toBe('less than a minute left')
    expect(formatLeft(now, now)).toBe('over')
  })
})
