import { createIdentity, mention } from '@dchat/sdk'
import { expect, test } from 'vitest'
import { isPlain, plainText, readMarkdown, readPlain } from '../../src/renderer/lib/markdown.ts'

test('HTML in a message is text, and an image is a link', () => {
  const tree = readMarkdown('<img src=x onerror=alert(1)> and ![a cat](https://example.org/cat.png)')
  expect(tree).toEqual([
    {
      type: 'paragraph',
      children: [
        { type: 'text', text: '<img src=x onerror=alert(1)>' },
        { type: 'text', text: ' and ' },
        { type: 'link', url: 'https://example.org/cat.png', children: [{ type: 'text', text: 'a cat' }] },
      ],
    },
  ])
})

test.each(['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', 'vbscript:x', ' https://a b'])(
  'a link to %s is no link',
  (url) => {
    expect(JSON.stringify(readMarkdown(`[here](<${url}>)`))).not.toContain('"link"')
  },
)

test('a link to an address of a person is a mention', () => {
  const { address } = createIdentity()
  const [block] = readMarkdown(`Hello ${mention(address, 'Ann [the] 2nd')}`)
  expect(block).toEqual({
    type: 'paragraph',
    children: [
      { type: 'text', text: 'Hello ' },
      { type: 'mention', address, name: 'Ann [the] 2nd' },
    ],
  })
  expect(JSON.stringify(readMarkdown('[@Ann](dchat:dchat1nobody)'))).not.toContain('mention')
})

test('an address of the web in the text is a link, without the punctuation behind it', () => {
  expect(readPlain('See (https://example.org/a_b?c=1), or\nhttps://example.org/x(y).')).toEqual([
    {
      type: 'paragraph',
      children: [
        { type: 'text', text: 'See (' },
        {
          type: 'link',
          url: 'https://example.org/a_b?c=1',
          children: [{ type: 'text', text: 'https://example.org/a_b?c=1' }],
        },
        { type: 'text', text: '), or' },
        { type: 'break' },
        {
          type: 'link',
          url: 'https://example.org/x(y)',
          children: [{ type: 'text', text: 'https://example.org/x(y)' }],
        },
        { type: 'text', text: '.' },
      ],
    },
  ])
})

test.each([
  ['Hello', true],
  ['two\nlines', true],
  ['5 * 3 = 15', true],
  ['https://example.org', true],
  ['**bold**', false],
  ['1. one', false],
  ['# title', false],
  ['a\n\nb', false],
  ['`code`', false],
])('%j is plain: %s', (text, plain) => {
  expect(isPlain(text)).toBe(plain)
})

test('whatever is nested is drawn at a bounded depth', () => {
  const depthOf = (value: unknown): number =>
    value !== null && typeof value === 'object' ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0
  expect(depthOf(readMarkdown(`${'> '.repeat(500)}deep`))).toBeLessThan(40)
  expect(plainText(readMarkdown(`${'- '.repeat(100)}deep`))).toContain('deep')
})

test('the words alone stand on one line', () => {
  expect(plainText(readMarkdown('# Plan\n\n- *one*\n- two `2`\n\n> said\n\n```\ncode\n```'))).toBe(
    'Plan one two 2 said code',
  )
})
