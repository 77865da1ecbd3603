import { expect, test } from 'vitest'
import { composeContent, composeReport } from '../../src/protocol/content/compose.ts'
import { messageIdOf } from '../../src/protocol/content/message-id.ts'
import type { MimiContent, NestedPart, SinglePart } from '../../src/protocol/content/mimi.ts'
import { decodeMimi, encodeMimi } from '../../src/protocol/content/mimi-codec.ts'
import { readContent } from '../../src/protocol/content/read.ts'
import { decodeStatusReport, encodeStatusReport } from '../../src/protocol/content/status.ts'
import { type CborValue, encodeCbor } from '../../src/protocol/wire/cbor.ts'
import type { MessageId } from '../../src/records/ids.ts'
import { concat, toHex, utf8 } from '../../src/util/bytes.ts'

const frame = { salt: new Uint8Array(16).fill(7), senderUri: 'dchat:dchat1x', roomUri: 'dchat:room/00' }
const id = 'ab'.repeat(32) as MessageId
const malformed = expect.objectContaining({ name: 'DchatError', code: 'protocol/malformed' })
const tooLarge = expect.objectContaining({ name: 'DchatError', code: 'protocol/too-large' })
const badArgument = expect.objectContaining({ name: 'DchatError', code: 'usage/invalid-argument' })

const single = (contentType: string, text: string | Uint8Array, disposition = 1): SinglePart => ({
  disposition,
  language: '',
  cardinality: 'single',
  contentType,
  content: typeof text === 'string' ? utf8(text) : text,
})
const multi = (partSemantics: 'chooseOne' | 'singleUnit' | 'processAll', ...parts: NestedPart[]): NestedPart => ({
  disposition: 1,
  language: '',
  cardinality: 'multi',
  partSemantics,
  parts,
})
const mimi = (body: NestedPart): MimiContent => ({
  salt: frame.salt,
  replaces: null,
  topicId: new Uint8Array(),
  expires: null,
  inReplyTo: null,
  extensions: new Map(),
  body,
})
const contentOf = (body: NestedPart) => {
  const read = readContent(encodeMimi(mimi(body)))
  return read.kind === 'message' ? read.content : undefined
}

test('the same intent gives the same bytes and the same id', () => {
  const once = composeContent({ type: 'text', text: 'Hello' }, frame)
  const again = composeContent({ type: 'text', text: 'Hello' }, frame)
  expect(toHex(again)).toBe(toHex(once))
  expect(messageIdOf({ ...frame, content: again })).toEqual(messageIdOf({ ...frame, content: once }))
  expect(messageIdOf({ ...frame, content: again, roomUri: 'dchat:room/01' })).not.toEqual(
    messageIdOf({ ...frame, content: once }),
  )
})

test('a text keeps every character, a byte order mark at its start included', () => {
  for (const text of ['', '\ufeffHello', 'a\u0000b', '👩‍👩‍👧', '\r\n\t'])
    expect(readContent(composeContent({ type: 'text', text }, frame))).toMatchObject({
      content: { type: 'text', text },
    })
})

test('a uri cannot run over into the next one', () => {
  const ids = [
    messageIdOf({ ...frame, content: new Uint8Array(), senderUri: 'ab', roomUri: 'c' }),
    messageIdOf({ ...frame, content: new Uint8Array(), senderUri: 'a', roomUri: 'bc' }),
  ]
  expect(ids[0]).not.toEqual(ids[1])
  expect(() => messageIdOf({ ...frame, content: new Uint8Array(), senderUri: 'a'.repeat(65_536) })).toThrow(badArgument)
})

test('texts of other clients are read whatever way their type is written', () => {
  for (const type of ['text/plain', 'TEXT/Plain; Charset="UTF-8"', 'text/plain;format=flowed;charset=us-ascii'])
    expect(contentOf(single(type, 'Hello'))).toEqual({ type: 'text', text: 'Hello' })
  for (const type of ['text/markdown', 'text/markdown;variant=CommonMark', 'text/markdown;variant=GFM-MIMI'])
    expect(contentOf(single(type, '*Hello*'))).toEqual({ type: 'markdown', markdown: '*Hello*' })
})

test('content that this version does not know is kept, with a fallback', () => {
  const table: readonly [NestedPart, string, string][] = [
    [single('image/png', '…'), 'image/png', 'This message holds image/png, which this version cannot show.'],
    [
      single('text/plain;charset=utf-16', '…'),
      'text/plain;charset=utf-16',
      'This message holds text/plain, which this version cannot show.',
    ],
    [
      single('text/plain', new Uint8Array([0xff])),
      'text/plain',
      'This message holds text/plain, which this version cannot show.',
    ],
    [
      single('\u001b[31m', '…'),
      '\u001b[31m',
      'This message holds content of an unknown kind, which this version cannot show.',
    ],
    [single('text/plain', '👍', 2), 'text/plain', '👍'],
    [multi('chooseOne', single('application/x', '…'), single('text/plain', 'in words')), 'application/x', 'in words'],
    [multi('processAll', single('text/plain', 'first'), single('image/png', '…')), 'image/png', 'first'],
    [multi('singleUnit', single('text/plain', 'a'), single('text/plain', 'b')), 'text/plain', 'a'],
  ]
  for (const [body, mediaType, fallback] of table)
    expect(contentOf(body)).toEqual({ type: 'unknown', mediaType, fallback, bytes: encodeMimi(mimi(body)) })
})

test('of alternatives that can all be read the first one is the message', () => {
  expect(contentOf(multi('chooseOne', single('text/markdown', '*a*'), single('text/plain', 'a')))).toEqual({
    type: 'markdown',
    markdown: '*a*',
  })
})

/** Content whose extension map is replaced by raw CBOR. */
const withExtensions = (...hex: string[]): Uint8Array => {
  const bytes = encodeMimi(mimi(single('text/plain', 'Hello')))
  const at = 1 + 17 + 1 + 1 + 1 + 1
  expect(bytes[at]).toBe(0xa0)
  return concat(
    bytes.subarray(0, at),
    ...hex.map((text) => new Uint8Array(Buffer.from(text, 'hex'))),
    bytes.subarray(at + 1),
  )
}

test('extensions of later drafts do not make content unreadable: floats, tags, any order', () => {
  // {"b": 1.5, 3: 1001({1: 5}), 2: "r", 1: "s"}: neither sorted nor without tags and floats
  const bytes = withExtensions('a4', '6162f93e00', '03d903e9a10105', '026172', '016173')
  expect(readContent(bytes)).toMatchObject({ content: { type: 'text', text: 'Hello' }, senderUri: 's', roomUri: 'r' })
  const { extensions } = decodeMimi(bytes)
  expect(extensions.get('b')).toBe(1.5)
  expect(extensions.get(3)).toEqual({ tag: 1001, value: new Map([[1, 5]]) })
})

test('broken extensions are refused', () => {
  for (const hex of [
    'a2010001',
    'a10102',
    'a2016173016174',
    'a1f400',
    'a16000',
    'a1d90101f6f6',
    'bf016173ff',
    `a103${'c1'.repeat(20)}00`,
  ])
    expect(() => decodeMimi(withExtensions(hex)), hex).toThrow(malformed)
})

test('an array with more or fewer elements than the draft says is refused', () => {
  const salt = frame.salt
  const empty = new Uint8Array()
  const part = [1, '', 1, 'text/plain', empty]
  const encoded = (...rest: CborValue[]) => encodeCbor([salt, null, empty, ...rest])
  expect(() => decodeMimi(encoded([false, 5], null, new Map(), part))).not.toThrow()
  const wrong = [
    encoded(null, null, new Map(), part, 0),
    encoded(null, null, new Map()),
    encoded([false, 5, 6], null, new Map(), part),
    encoded([5, false], null, new Map(), part),
    encoded(null, null, new Map(), [...part, 0]),
    encoded(null, null, new Map(), part.slice(0, 4)),
    encoded(null, null, new Map(), [1, '', 0, 0]),
    encoded(null, null, new Map(), [256, '', 0]),
    encoded(null, null, new Map(), [1, '', 4]),
    encoded(null, null, new Map(), [1, '', 3, 3, [part, part]]),
    encoded(null, new Uint8Array(31), new Map(), part),
    encoded(null, null, null, part),
  ]
  for (const bytes of wrong) expect(() => decodeMimi(bytes), toHex(bytes)).toThrow(malformed)
})

test('bounds: size, depth and number of parts', () => {
  const text = single('text/plain', 'a')
  const pair = (part: NestedPart) => multi('processAll', part, text)
  expect(() => encodeMimi(mimi(pair(pair(pair(text)))))).not.toThrow()
  expect(() => encodeMimi(mimi(pair(pair(pair(pair(text))))))).toThrow(malformed)
  expect(() => encodeMimi(mimi(multi('processAll', ...Array.from({ length: 63 }, () => text))))).not.toThrow()
  expect(() => encodeMimi(mimi(multi('processAll', ...Array.from({ length: 64 }, () => text))))).toThrow(malformed)
  expect(() => encodeMimi(mimi(multi('processAll', text)))).toThrow(malformed)
  expect(() => composeContent({ type: 'text', text: 'x'.repeat(65_536) }, frame)).toThrow(tooLarge)
  expect(() => composeContent({ type: 'text', text: 'x'.repeat(65_000) }, frame)).not.toThrow()
  expect(() => composeContent({ type: 'text', text: '', replyTo: 'short' as MessageId }, frame)).toThrow(badArgument)
  expect(() => composeContent({ type: 'text', text: '' }, { ...frame, salt: new Uint8Array(15) })).toThrow(malformed)
})

test('a report is content of its own, and its unknown statuses stay numbers', () => {
  const items = [
    { id, status: 'delivered' },
    { id, status: 200 },
  ] as const
  expect(readContent(composeReport(items, frame))).toEqual({ kind: 'status', ...frame, items })
  expect(decodeStatusReport(encodeStatusReport([{ id, status: 2 }]))).toEqual([{ id, status: 'read' }])
})

test('a report has at most a thousand items', () => {
  const items = (count: number) => Array.from({ length: count }, () => ({ id, status: 'read' as const }))
  expect(decodeStatusReport(encodeStatusReport(items(1000)))).toHaveLength(1000)
  expect(readContent(composeReport(items(1000), frame))).toMatchObject({ kind: 'status' })
  expect(() => encodeStatusReport(items(1001))).toThrow(tooLarge)
  for (const status of [256, -1, 1.5]) expect(() => encodeStatusReport([{ id, status }])).toThrow(badArgument)
})
