import type { Address } from '@dchat/sdk'
import { expect, test } from 'vitest'
import { questionIn } from '../../src/renderer/lib/inline-question.ts'

const named = (name: string) => ({ address: `dchat1${name}` as Address, name })
const BOTS = [named('Music'), named('Music Search'), named('Böt')]
const asked = (text: string): string | undefined => {
  const question = questionIn(text, BOTS)
  return question && `${question.name}: ${question.words}`
}

test('what begins with the name of a bot is a question to it', () => {
  expect(asked('@Music blue monday')).toBe('Music: blue monday')
  expect(asked('@music  blue ')).toBe('Music: blue')
  expect(asked('@Music ')).toBe('Music: ')
  expect(asked('@böt ä')).toBe('Böt: ä')
})

test('the longest name wins', () => {
  expect(asked('@Music Search blue')).toBe('Music Search: blue')
  expect(asked('@Music Searching blue')).toBe('Music: Searching blue')
})

test('a name that is still being typed, one within a text and several lines ask nothing', () => {
  for (const text of [
    '',
    '@',
    '@Mus',
    '@Music',
    '@Musical chairs',
    'Ask @Music blue',
    ' @Music blue',
    '@Music blue\nmonday',
  ])
    expect(asked(text), text).toBeUndefined()
})
