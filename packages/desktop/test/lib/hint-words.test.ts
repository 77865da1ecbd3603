import { ERRORS } from '@dchat/sdk'
import { expect, test } from 'vitest'
import { hintWords } from '../../src/renderer/lib/hint-words.ts'

test('what to do is told without commands, in whole sentences', () => {
  expect(hintWords('Check the address; "dchat relay ping" tries it again.')).toBe('Check the address.')
  expect(hintWords('Try again later. If it is gone, name another one: "dchat relay use URL --lost".')).toBe(
    'Try again later.',
  )
  expect(hintWords('Look at it with "dchat audit", and use another relay.')).toBe('')
  for (const { remedy } of Object.values(ERRORS)) {
    const words = hintWords(remedy)
    expect(words).not.toContain('"dchat ')
    expect(words).toMatch(/^$|[.]$/)
  }
})
