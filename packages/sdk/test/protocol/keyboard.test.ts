import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isDchatError } from '../../src/errors.ts'
import { composeContent } from '../../src/protocol/content/compose.ts'
import { decodeQuery, decodeResults } from '../../src/protocol/content/inline.ts'
import { interpret } from '../../src/protocol/content/interpret.ts'
import { checkKeyboard, decodeKeyboard, encodeKeyboard, withNumbers } from '../../src/protocol/content/keyboard.ts'
import { decodeMimi } from '../../src/protocol/content/mimi-codec.ts'
import { decodeAnswer, decodePress } from '../../src/protocol/content/press.ts'
import { readContent } from '../../src/protocol/content/read.ts'
import type { Button, Keyboard, SendableContent } from '../../src/records/content.ts'
import { utf8 } from '../../src/util/bytes.ts'

const short = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  .filter((text) => utf8(text).length <= 64 && !/\p{Cc}/u.test(text))
const button: fc.Arbitrary<Button> = fc.oneof(
  fc.record({ text: short, callback: short }),
  fc.record({ text: short, url: fc.webUrl({ validSchemes: ['https'], size: 'small' }) }),
)
const keyboards = fc.array(fc.array(button, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 8 })
const frame = { salt: new Uint8Array(16), senderUri: 'dchat:a', roomUri: 'dchat:r' }

test('a text with buttons is read as it was written, by whatever way', () => {
  fc.assert(
    fc.property(keyboards, fc.string({ unit: 'grapheme', minLength: 1 }), fc.boolean(), (keyboard, words, plain) => {
      const content: SendableContent = plain
        ? { type: 'text', text: words, keyboard }
        : { type: 'markdown', markdown: words, keyboard }
      expect(decodeKeyboard(encodeKeyboard(content, keyboard))).toEqual(content)
      expect(readContent(composeContent(content, frame))).toMatchObject({ kind: 'message', content })
    }),
  )
})

test('who does not know buttons has the words with numbers', () => {
  const keyboard: Keyboard = [[{ text: 'Yes', callback: 'y' }], [{ text: 'More', url: 'https://example.org/' }]]
  const { body } = decodeMimi(composeContent({ type: 'text', text: 'Sure?', keyboard }, frame))
  const rest = body.cardinality === 'multi' ? body.parts[1] : undefined
  expect(rest && interpret({ body: rest })).toEqual({
    type: 'text',
    text: 'Sure?\n\n1. Yes\n2. More: https://example.org/',
  })
  expect(withNumbers({ type: 'text', text: 'Sure?' }, [[{ text: 'Yes', callback: 'y' }]])).toBe('Sure?\n\n1. Yes')
})

test.each<[string, Keyboard]>([
  ['no row', []],
  ['an empty row', [[]]],
  ['a button without words', [[{ text: '', callback: 'a' }]]],
  ['a control character', [[{ text: 'a\nb', callback: 'a' }]]],
  ['a callback of 65 bytes', [[{ text: 'a', callback: 'a'.repeat(65) }]]],
  ['an address that is not https', [[{ text: 'a', url: 'http://example.org' }]]],
  ['an address that runs a script', [[{ text: 'a', url: 'javascript:alert(1)' }]]],
  ['too long a row', [Array.from({ length: 9 }, () => ({ text: 'a', callback: 'a' }))]],
  [
    'too many buttons',
    Array.from({ length: 20 }, () => Array.from({ length: 3 }, () => ({ text: 'a', callback: 'a' }))),
  ],
])('a keyboard with %s is refused where it is made, and shown as its words where it arrives', (_, keyboard) => {
  expect(() => checkKeyboard(keyboard)).toThrowError(expect.objectContaining({ code: 'usage/invalid-argument' }))
  const content: SendableContent = { type: 'text', text: 'words', keyboard }
  expect(() => decodeKeyboard(encodeKeyboard(content, keyboard))).toThrowError(
    expect.objectContaining({ code: 'protocol/malformed' }),
  )
  const read = readContent(composeContent(content, frame))
  expect(read).toMatchObject({
    kind: 'message',
    content: { type: 'unknown', fallback: withNumbers(content, keyboard) },
  })
})

test('decoders throw nothing but errors of the table', () => {
  for (const decode of [decodeKeyboard, decodePress, decodeAnswer, decodeQuery, decodeResults])
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          decode(bytes)
        } catch (error) {
          expect(isDchatError(error)).toBe(true)
        }
      }),
    )
})
