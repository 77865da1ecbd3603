import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { excerptOf, marksIn } from '../../src/domain/search/excerpt.ts'
import { plainOf } from '../../src/domain/search/plain.ts'
import { parseQuery } from '../../src/domain/search/query.ts'
import { fold, tokensOf } from '../../src/domain/search/tokens.ts'
import { mention } from '../../src/index.ts'
import type { Address } from '../../src/records/ids.ts'
import { SAMPLES } from './samples.ts'

const words = (text: string): string[] => tokensOf(text).map((token) => token.text)

describe('tokens', () => {
  test.each(SAMPLES)('%s', (text, expected) => {
    expect(words(text)).toEqual(expected)
  })

  test('stand where they say, and come again from what they say', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 80 }), (text) => {
        let end = 0
        for (const token of tokensOf(text)) {
          expect(token.start).toBeLessThan(token.end)
          expect(token.start >= end || token.end === end).toBe(true)
          end = token.end
          expect(token.text).not.toMatch(/[\s]/u)
          expect(words(text.slice(token.start, token.end))).toContain(token.text)
        }
      }),
    )
  })

  test('do not depend on how a text is composed', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
        expect(fold(text.normalize('NFD'))).toBe(fold(text.normalize('NFC')))
      }),
    )
  })
})

describe('a query', () => {
  const needles = (text: string): string[] => parseQuery(text).map(({ needle }) => needle)
  test.each<[string, string[]]>([
    ['hello wor', [' hello ', ' wor']],
    ['"new york" pizz', [' new york ', ' pizz']],
    ['„Guten Tag“', [' guten tag ']],
    ['"new yo', [' new yo']],
    ["don't", [' don t']],
    ['天气 iphone手机', ['天气', ' iphone 手机']],
    ['  ', []],
    ['!?', []],
  ])('%s', (text, expected) => {
    expect(needles(text)).toEqual(expected)
  })

  test('is bounded', () => {
    expect(() => parseQuery('a'.repeat(1_001))).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
    expect(() => parseQuery('a '.repeat(33))).toThrow(expect.objectContaining({ code: 'usage/invalid-argument' }))
    expect(needles('a '.repeat(32))).toHaveLength(32)
  })
})

describe('markdown', () => {
  const alice = `dchat1${'q'.repeat(60)}` as Address
  test.each([
    [`Ask ${mention(alice, 'Alice *B.*')} now`, 'Ask @Alice *B.* now'],
    ['**bold** and _leaning_, `code`', 'bold and leaning, code'],
    ['# Title\n> said\nsnake_case 2 * 3', 'Title\nsaid\nsnake_case 2 * 3'],
    ['[dchat](https://dchat.example/a_b) ![cat](cat.png "A cat")', 'dchat cat'],
    ['\\*not leaning\\*', '*not leaning*'],
  ])('%s', (markdown, plain) => {
    expect(plainOf(markdown)).toBe(plain)
  })

  test('of the worst kind takes no longer than its length', () => {
    for (const piece of ['[', '![[', '[a](', '**', '`_*', '](', '[\\']) plainOf(piece.repeat(30_000))
  })
})

describe('an excerpt', () => {
  const of = (text: string, query: string) => {
    const marks = marksIn(text, parseQuery(query))
    return marks && excerptOf(text, marks)
  }
  const marked = (text: string, query: string): string | undefined => {
    const found = of(text, query)
    if (found === undefined) return undefined
    const { excerpt, marks } = found
    let out = ''
    let at = 0
    for (const [start, end] of marks) {
      out += `${excerpt.slice(at, start)}[${excerpt.slice(start, end)}]`
      at = end
    }
    return out + excerpt.slice(at)
  }

  test.each([
    ['Meet me at the Café.', 'cafe', 'Meet me at the [Café].'],
    ['Hello world', 'wor hel', undefined],
    ['Hello world', 'hello wor', '[Hello] [wor]ld'],
    ['new york, New\nYork', '"new york"', '[new york], [New York]'],
    ['今天天气很好', '天气', '今天[天气]很好'],
    ['ＨＥＬＬＯ ﬁne', 'hello fi', '[ＨＥＬＬＯ] [ﬁne]'],
    ['party 🎉 tonight', '🎉', 'party [🎉] tonight'],
    ['nothing', '', 'nothing'],
  ])('%s / %s', (text, query, expected) => {
    expect(marked(text, query)).toBe(expected)
  })

  test('of a long text is a piece around the first place, on one line', () => {
    const text = `${'before '.repeat(50)}needle\n${'after '.repeat(100)}`
    const { excerpt, marks } = of(text, 'needle') as NonNullable<ReturnType<typeof of>>
    expect(excerpt.length).toBeLessThanOrEqual(162)
    expect(excerpt).toMatch(/^…before .*needle after .*…$/)
    expect(marks.map(([start, end]) => excerpt.slice(start, end))).toEqual(['needle'])
  })

  test('never cuts a character, and marks stay inside it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('🎉', 'word', 'wörd', '天气', ' ', '\n', ', '), { maxLength: 200 }),
        (parts) => {
          const text = parts.join('')
          for (const query of ['wor', '天', '🎉']) {
            const found = of(text, query)
            if (found === undefined) continue
            expect(found.excerpt).not.toMatch(
              /(?:[\ud800-\udbff](?![\udc00-\udfff]))|(?:(?<![\ud800-\udbff])[\udc00-\udfff])/,
            )
            expect(found.marks.length).toBeGreaterThan(0)
            for (const [start, end] of found.marks)
              expect(0 <= start && start < end && end <= found.excerpt.length).toBe(true)
          }
        },
      ),
    )
  })
})
