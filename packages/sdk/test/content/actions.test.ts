import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  composeContent,
  composeEdit,
  composeReaction,
  composeReport,
  composeRetraction,
} from '../../src/protocol/content/compose.ts'
import { MENTIONS_LIMIT, mention, mentionsIn } from '../../src/protocol/content/mentions.ts'
import type { MimiContent, NestedPart } from '../../src/protocol/content/mimi.ts'
import { encodeMimi } from '../../src/protocol/content/mimi-codec.ts'
import { readContent } from '../../src/protocol/content/read.ts'
import { addressOf, genesisOf } from '../../src/protocol/identity/address.ts'
import type { MessageId } from '../../src/records/ids.ts'
import { fromHex, utf8 } from '../../src/util/bytes.ts'
import { mutated } from '../mutate.ts'

const frame = { salt: new Uint8Array(16).fill(7), senderUri: 'dchat:dchat1x', roomUri: 'dchat:room/00' }
const target = 'ab'.repeat(32) as MessageId
const other = 'cd'.repeat(32) as MessageId
const typed = expect.objectContaining({
  name: 'DchatError',
  code: expect.stringMatching(/^protocol\/(malformed|too-large)$/),
})
const someone = (number: number) => addressOf(genesisOf(new Uint8Array(32).fill(number), new Uint8Array(32)))
const address = someone(200)
const second = someone(201)

const mimi = (body: NestedPart, relations: Partial<MimiContent> = {}): Uint8Array =>
  encodeMimi({
    salt: frame.salt,
    replaces: null,
    topicId: new Uint8Array(),
    expires: null,
    inReplyTo: null,
    extensions: new Map(),
    body,
    ...relations,
  })
const single = (contentType: string, content: Uint8Array, disposition: number): NestedPart => ({
  disposition,
  language: '',
  cardinality: 'single',
  contentType,
  content,
})

test('actions are read as they were composed', () => {
  expect(readContent(composeReaction(target, '👍', frame))).toEqual({
    kind: 'action',
    ...frame,
    action: { type: 'react', target, emoji: '👍' },
  })
  expect(readContent(composeEdit(target, { type: 'text', text: 'new', replyTo: other }, frame))).toEqual({
    kind: 'action',
    ...frame,
    action: { type: 'edit', target, content: { type: 'text', text: 'new' } },
  })
  expect(readContent(composeRetraction(target, frame))).toEqual({
    kind: 'action',
    ...frame,
    action: { type: 'retract', target },
  })
})

test('a forwarded message says so, and only when it was', () => {
  const content = { type: 'markdown', markdown: '*again*', forwarded: true } as const
  expect(readContent(composeContent(content, frame))).toMatchObject({ kind: 'message', content })
  expect(readContent(composeContent({ type: 'text', text: 'first' }, frame))).toEqual({
    kind: 'message',
    ...frame,
    content: { type: 'text', text: 'first' },
  })
})

test('what only resembles an action is a message, or an edit to nothing', () => {
  const replaces = fromHex(target) as Uint8Array
  const kindOf = (bytes: Uint8Array) => readContent(bytes)
  expect(kindOf(mimi(single('text/plain', utf8('👍'), 2)))).toMatchObject({ kind: 'message' })
  expect(kindOf(mimi(single('image/png', utf8('👍'), 2), { inReplyTo: replaces }))).toMatchObject({
    kind: 'message',
    content: { type: 'unknown', replyTo: target },
  })
  expect(kindOf(mimi(single('text/plain', new Uint8Array([0xff]), 2), { inReplyTo: replaces }))).toMatchObject({
    kind: 'message',
  })
  for (const body of [single('image/png', utf8('x'), 1), single('text/plain', utf8('👎'), 2)])
    expect(kindOf(mimi(body, { replaces }))).toMatchObject({ kind: 'action', action: { type: 'edit', target } })
  expect(kindOf(mimi(single('image/png', utf8('x'), 1), { replaces }))).not.toHaveProperty('action.content')
})

test('a mention is read back, whatever the name looks like', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (name, before) => {
      const clean = before.replaceAll('`', '')
      expect(mentionsIn(`${clean} ${mention(address, name)}, and ${mention(second, name)}`)).toEqual([address, second])
    }),
  )
})

test('mentions: once each, in order, not in code, not of what is no address', () => {
  const link = (text: string) => `[x](dchat:${text})`
  expect(mentionsIn(`${link(second)} ${link(address)} ${link(second)}`)).toEqual([second, address])
  expect(mentionsIn(`[x](<dchat:${address}>) and [y](dchat:${second.toUpperCase()} "why")`)).toEqual([address, second])
  expect(mentionsIn(`\`${link(address)}\` \`\`\`\n${link(address)}\n\`\`\` ${link(second)}`)).toEqual([second])
  expect(mentionsIn(`an open \` does not hide ${link(address)}`)).toEqual([address])
  expect(mentionsIn(`${link('dchat1nobody')} ${link('')} dchat:${address} (dchat:${address})`)).toEqual([])
})

test('a message full of backticks or brackets is read in no time that anybody would notice', () => {
  const tail = `[x](dchat:${address})`
  const runs = Array.from({ length: 300 }, (_, i) => '`'.repeat(i + 1)).join(' ')
  for (const noise of ['[\\['.repeat(20_000), '` '.repeat(30_001), runs, '](dchat:'.repeat(8_000)])
    expect(mentionsIn(noise + tail).length).toBeLessThanOrEqual(1)
  const many = Array.from({ length: MENTIONS_LIMIT + 1 }, (_, i) => mention(someone(i), 'x'))
  expect(mentionsIn(many.join(' '))).toHaveLength(MENTIONS_LIMIT)
})

test('ten thousand mutations of actions: what they say, or a typed error', () => {
  const seeds = [
    composeReaction(target, '👍', frame),
    composeEdit(target, { type: 'markdown', markdown: mention(address, 'Ann'), replyTo: other }, frame),
    composeRetraction(target, frame),
    composeContent({ type: 'text', text: 'x', forwarded: true }, frame),
    composeReport([{ id: target, status: 'read' }], frame),
  ]
  let errors = 0
  fc.assert(
    fc.property(fc.constantFrom(...seeds), fc.array(mutated, { minLength: 1, maxLength: 3 }), (seed, mutations) => {
      try {
        const read = readContent(mutations.reduce((bytes, mutate) => mutate(bytes), seed))
        expect(structuredClone(read)).toEqual(read)
        if (read.kind === 'action') expect(read.action.target).toMatch(/^[0-9a-f]{64}$/)
      } catch (error) {
        expect(error).toEqual(typed)
        errors++
      }
    }),
    { numRuns: 10_000 },
  )
  expect(errors).toBeGreaterThan(1_000)
})
