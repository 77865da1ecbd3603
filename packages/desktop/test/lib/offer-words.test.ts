import { expect, test } from 'vitest'
import { offerWords } from '../../src/renderer/lib/offer-words.ts'

test.each([
  [
    'Offer #98d5f07c: 1 × Lamp, EUR 12.00, open for 1 day, /accept 98d5f07c',
    'Offer: 1 × Lamp, EUR 12.00, open for 1 day',
  ],
  ['Counter-offer #1f311bfb to #98d5f07c: 1 × Lamp, EUR 7.00, /acc', 'Counter-offer: 1 × Lamp, EUR 7.00, /acc'],
  ['Offer #44d666e8: accepted', 'Offer: accepted'],
  ['Offer accepted, /accept is what I typed', 'Offer accepted, /accept is what I typed'],
])('%s', (sentence, words) => {
  expect(offerWords(sentence)).toBe(words)
})
