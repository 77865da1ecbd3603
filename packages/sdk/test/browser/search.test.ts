import { expect, test } from 'vitest'
import { tokensOf } from '../../src/domain/search/tokens.ts'
import { SAMPLES } from '../search/samples.ts'

test.each(SAMPLES)('a page reads the same words: %s', (text, expected) => {
  expect(tokensOf(text).map((token) => token.text)).toEqual(expected)
})
