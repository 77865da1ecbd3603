import { type Address, createIdentity, mention } from '@dchat/sdk'
import { expect, test } from 'vitest'
import { complete, tokenAt, withMentions, withoutMentions } from '../../src/renderer/lib/mentions.ts'

const [ann, anna] = [createIdentity().address, createIdentity().address] as [Address, Address]
const people = [
  { address: ann, name: 'Ann' },
  { address: anna, name: 'Anna Karlsson' },
]

test.each([
  ['@', '@', ''],
  ['hi @an', '@', 'an'],
  ['hi (@anna ka', '@', 'anna ka'],
  [':smi', ':', 'smi'],
  ['so :+1', ':', '+1'],
  ['/', '/', ''],
  ['/off', '/', 'off'],
])('%j asks for suggestions', (text, sign, word) => {
  expect(tokenAt(text, text.length)).toEqual({
    sign,
    text: word,
    start: text.length - word.length - 1,
    end: text.length,
  })
})

test.each(['mail me@example', 'at 12:30', 'so:', ': s', 'a @b\nc'])('%j does not', (text) => {
  expect(tokenAt(text, text.length)).toBeUndefined()
})

test('what is chosen stands in the place of what was typed, with one space behind it', () => {
  expect(complete('hi @an!', { sign: '@', text: 'an', start: 3, end: 6 }, '@Ann')).toEqual({
    text: 'hi @Ann !',
    caret: 8,
  })
  expect(complete('@an there', { sign: '@', text: 'an', start: 0, end: 3 }, '@Ann')).toEqual({
    text: '@Ann there',
    caret: 5,
  })
})

test('names behind an @ become mentions, the longest first, and code stays code', () => {
  expect(withMentions('@ann and @Anna Karlsson, not @Anne, a@Ann or `@Ann`', people)).toBe(
    `${mention(ann, 'Ann')} and ${mention(anna, 'Anna Karlsson')}, not @Anne, a@Ann or \`@Ann\``,
  )
})

test('an edit begins with what was typed', () => {
  const typed = 'Hello @Anna Karlsson, see @Ann'
  expect(withoutMentions(withMentions(typed, people))).toBe(typed)
})
