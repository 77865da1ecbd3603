import { expect, test } from 'vitest'
import { findEmoji, isJumbo, loadEmoji } from '../../src/renderer/lib/emoji.ts'

test.each([
  ['👍', true],
  ['👩‍👩‍👧 🇸🇪', true],
  ['❤️❤️❤️', true],
  ['👍👍👍👍', false],
  ['ok 👍', false],
  ['1', false],
  ['', false],
])('%j is drawn large: %s', (text, large) => {
  expect(isJumbo(text)).toBe(large)
})

test('the data finds an emoji by its short name first, then by the beginnings of words', async () => {
  const all = await loadEmoji()
  expect(all.length).toBeGreaterThan(1_500)
  expect(findEmoji(all, '+1', 1).map(({ emoji }) => emoji)).toEqual(['👍️'])
  expect(findEmoji(all, 'heart', 40).map(({ emoji }) => emoji)).toContain('❤️')
  expect(findEmoji(all, 'nosuchthing', 5)).toEqual([])
})
