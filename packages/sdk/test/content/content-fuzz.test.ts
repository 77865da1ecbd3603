import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { composeContent, composeReport } from '../../src/protocol/content/compose.ts'
import type { MimiContent, NestedPart } from '../../src/protocol/content/mimi.ts'
import { decodeMimi, encodeMimi } from '../../src/protocol/content/mimi-codec.ts'
import { readContent } from '../../src/protocol/content/read.ts'
import { decodeStatusReport, encodeStatusReport, type StatusItem } from '../../src/protocol/content/status.ts'
import type { MessageId } from '../../src/records/ids.ts'
import { mutated } from '../mutate.ts'

const folder = join(import.meta.dirname, '../../vectors/mimi-content')
const frame = { salt: new Uint8Array(16).fill(7), senderUri: 'dchat:dchat1x', roomUri: 'dchat:room/00' }
const id = 'ab'.repeat(32) as MessageId
const seeds = [
  ...readdirSync(folder)
    .filter((file) => file.endsWith('.cbor'))
    .map((file) => new Uint8Array(readFileSync(join(folder, file)))),
  composeContent({ type: 'text', text: 'Hello', replyTo: id }, frame),
  composeReport(
    [
      { id, status: 'read' },
      { id, status: 99 },
    ],
    frame,
  ),
]
const report = encodeStatusReport(Array.from({ length: 20 }, (_, i): StatusItem => ({ id, status: i })))
const typed = expect.objectContaining({
  name: 'DchatError',
  code: expect.stringMatching(/^protocol\/(malformed|too-large)$/),
})

test('ten thousand mutations of content: a record or a typed error', () => {
  let errors = 0
  fc.assert(
    fc.property(fc.constantFrom(...seeds), fc.array(mutated, { minLength: 1, maxLength: 3 }), (seed, mutations) => {
      try {
        const read = readContent(mutations.reduce((bytes, mutate) => mutate(bytes), seed))
        expect(read.salt).toHaveLength(16)
        expect(structuredClone(read)).toEqual(read)
      } catch (error) {
        expect(error).toEqual(typed)
        errors++
      }
    }),
    { numRuns: 10_000 },
  )
  expect(errors).toBeGreaterThan(1_000)
})

test('ten thousand mutations of a status report: items or a typed error', () => {
  let errors = 0
  fc.assert(
    fc.property(mutated, (mutate) => {
      try {
        for (const item of decodeStatusReport(mutate(report))) expect(item.id).toMatch(/^[0-9a-f]{64}$/)
      } catch (error) {
        expect(error).toEqual(typed)
        errors++
      }
    }),
    { numRuns: 10_000 },
  )
  expect(errors).toBeGreaterThan(1_000)
})

const head = { disposition: fc.nat(255), language: fc.constantFrom('', 'en') }
const leaf: fc.Arbitrary<NestedPart> = fc.oneof(
  fc.record({ ...head, cardinality: fc.constant('null' as const) }),
  fc.record({
    ...head,
    cardinality: fc.constant('single' as const),
    contentType: fc.string(),
    content: fc.uint8Array(),
  }),
  fc.record({
    ...head,
    cardinality: fc.constant('external' as const),
    contentType: fc.string(),
    url: fc.string(),
    expires: fc.nat(),
    size: fc.oneof(fc.maxSafeNat(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n })),
    encAlg: fc.nat(0xffff),
    key: fc.uint8Array(),
    nonce: fc.uint8Array(),
    aad: fc.uint8Array(),
    hashAlg: fc.nat(255),
    contentHash: fc.uint8Array(),
    description: fc.string(),
    filename: fc.string(),
  }),
)
const multi = (parts: fc.Arbitrary<NestedPart>): fc.Arbitrary<NestedPart> =>
  fc.record({
    ...head,
    cardinality: fc.constant('multi' as const),
    partSemantics: fc.constantFrom('chooseOne' as const, 'singleUnit' as const, 'processAll' as const),
    parts: fc.array(parts, { minLength: 2, maxLength: 4 }),
  })
const part = fc.oneof(leaf, multi(fc.oneof(leaf, multi(leaf))))
const messageId = fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }))
const content: fc.Arbitrary<MimiContent> = fc.record({
  salt: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  replaces: messageId,
  topicId: fc.uint8Array(),
  expires: fc.option(fc.record({ relative: fc.boolean(), time: fc.nat() })),
  inReplyTo: messageId,
  extensions: fc.constantFrom(
    new Map(),
    new Map<number | string, string | number>([
      [1, 'a'],
      [2, 'b'],
      ['x', 3],
      [-7, 'y'],
    ]),
  ),
  body: part,
})

test('what is encoded is decoded to the same data', () => {
  fc.assert(
    fc.property(content, (mimi) => {
      expect(decodeMimi(encodeMimi(mimi))).toEqual(mimi)
    }),
    { numRuns: 300 },
  )
})

test('what is composed is read back', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('text', 'markdown'),
      fc.boolean(),
      (text, type, reply) => {
        const replyTo = reply ? { replyTo: id } : {}
        const sent =
          type === 'text'
            ? ({ type, text, ...replyTo } as const)
            : ({ type: 'markdown', markdown: text, ...replyTo } as const)
        expect(readContent(composeContent(sent, frame))).toEqual({ kind: 'message', ...frame, content: sent })
      },
    ),
    { numRuns: 300 },
  )
})
