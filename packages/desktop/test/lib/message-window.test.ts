import type { Message } from '@dchat/sdk'
import { expect, test } from 'vitest'
import { firstOf, lastOf, type MessageWindow } from '../../src/renderer/lib/message-window.ts'

/** Messages at these places; null: not sent yet. */
const at = (...places: readonly (number | null)[]): MessageWindow =>
  places.map((place, index) => ({ id: `m${index}`, ...(place === null ? {} : { position: place }) }) as Message)

const placesOf = (window: MessageWindow) => window.map(({ position }) => position)

test('a window that is small enough stays as it is', () => {
  const window = at(2, 4, 6)
  expect(firstOf(window, 3)).toEqual({ window })
  expect(lastOf(window, 3)).toEqual({ window })
})

test('what is cut off at the end begins after the last that stays', () => {
  const { window, newer } = firstOf(at(2, 4, 6, 8, null), 3)
  expect(placesOf(window)).toEqual([2, 4, 6])
  expect(newer).toBe('6')
})

test('what is cut off at the start ends before the first that stays', () => {
  const { window, older } = lastOf(at(2, 4, 6, 8, null), 3)
  expect(placesOf(window)).toEqual([6, 8, undefined])
  expect(older).toBe('6')
})

test('is never cut where a message has no place: nobody could find the rest again', () => {
  const window = at(2, null, null, null)
  expect(firstOf(window, 2)).toEqual({ window })
  expect(lastOf(window, 2)).toEqual({ window })
})
