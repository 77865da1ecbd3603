import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DchatError } from '../../../src/errors.ts'
import { nodeCrypto } from '../../../src/node.ts'
import { decodeArchiveKeys, encodeArchiveKeys, makeArchiveKey } from '../../../src/protocol/history/archive-key.ts'
import { decodeAsked, encodeAsked } from '../../../src/protocol/history/asked.ts'
import { decodeSegment, encodeSegment, sizeOf } from '../../../src/protocol/history/segment.ts'
import { decodeIndex, encodeIndex, type SegmentIndex } from '../../../src/protocol/history/segment-index.ts'
import {
  decodeHistoryAsk,
  decodeHistoryPiece,
  encodeHistoryAsk,
  encodeHistoryPiece,
} from '../../../src/protocol/history/transfer.ts'
import { createIdentity } from '../../../src/protocol/identity/identity.ts'
import { encodeCbor } from '../../../src/protocol/wire/cbor.ts'
import type { DeviceId } from '../../../src/records/ids.ts'
import { mutated } from '../../mutate.ts'
import { pastMessage } from './support.ts'

const { random } = nodeCrypto()
const FROM = createIdentity().address
const WAITING = [
  { from: FROM, pointer: new Uint8Array(300).fill(1) },
  { from: FROM, pointer: new Uint8Array() },
]

/** What a decoder may do with bytes from anywhere. */
const isTyped = (decode: (bytes: Uint8Array) => unknown, bytes: Uint8Array): void => {
  try {
    decode(bytes)
  } catch (error) {
    expect(error).toBeInstanceOf(DchatError)
    expect((error as DchatError).code).toMatch(/^protocol\/(malformed|too-large)$/)
  }
}

test('a segment gives back every kind of message as it was', () => {
  fc.assert(
    fc.property(fc.array(pastMessage, { maxLength: 12 }), fc.nat(), (messages, version) => {
      expect(decodeSegment(encodeSegment({ version, messages }))).toEqual({ version, messages })
      const steps = [new Uint8Array([1]), new Uint8Array(9)]
      expect(decodeSegment(encodeSegment({ version, messages, steps }))).toEqual({ version, messages, steps })
    }),
    { numRuns: 200 },
  )
})

test('a segment is as long as its messages and their names say', () => {
  fc.assert(
    fc.property(fc.array(pastMessage, { maxLength: 12 }), (messages) => {
      const sum = messages.reduce((bytes, message) => bytes + sizeOf(message), 0)
      expect(encodeSegment({ version: 0, messages }).length).toBeLessThan(sum + 1_000 + 40 * messages.length)
    }),
  )
})

const INDEX: SegmentIndex = {
  chain: new Uint8Array(16).fill(3),
  version: 7,
  first: -3,
  segments: [
    { messages: 3, bytes: 900, version: 2, newest: 1_700_000_000_000 },
    { messages: 0, bytes: 0, version: 1, newest: 0 },
  ],
}

test('an index, archive keys and what waits give back what was written', () => {
  expect(decodeIndex(encodeIndex(INDEX))).toEqual(INDEX)
  const keys = [makeArchiveKey(random, 0), makeArchiveKey(random, 9)]
  expect(decodeArchiveKeys(encodeArchiveKeys(keys))).toEqual(keys)
  expect(decodeAsked(encodeAsked(WAITING))).toEqual(WAITING)
})

test('of what waits the first ones are kept, as many as a slot takes', () => {
  const many = Array.from({ length: 100 }, () => ({ from: FROM, pointer: random(16 * 1024) }))
  const kept = decodeAsked(encodeAsked(many))
  expect(kept.length).toBeGreaterThan(8)
  expect(kept).toEqual(many.slice(0, kept.length))
})

test('whatever is changed in the bytes, decoders answer with a typed error or with a value', () => {
  const messages = fc.sample(pastMessage, { numRuns: 20, seed: 5 })
  const cases = [
    [decodeSegment, encodeSegment({ version: 1, messages })],
    [decodeIndex, encodeIndex(INDEX)],
    [decodeArchiveKeys, encodeArchiveKeys([makeArchiveKey(random, 1)])],
    [decodeAsked, encodeAsked(WAITING)],
  ] as const
  for (const [decode, bytes] of cases)
    fc.assert(
      fc.property(mutated, (change) => isTyped(decode, change(bytes))),
      { numRuns: 500 },
    )
})

test('what was decoded from anything is never more than a bounded value', () => {
  for (const decode of [decodeSegment, decodeIndex, decodeArchiveKeys, decodeAsked])
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: false, maxDepth: 4 }), (value) => {
        let bytes: Uint8Array
        try {
          bytes = encodeCbor([1, 1, value as never, [value as never]])
        } catch {
          return
        }
        isTyped(decode, bytes)
      }),
    )
})

test('what is asked of another device, and what it gives, comes back as it was', () => {
  const giver = '0a'.repeat(16) as DeviceId
  for (const ask of [
    { taken: 0, chains: [], places: {} },
    {
      from: { giver, cursor: -7 },
      until: 900,
      taken: 12,
      chains: [new Uint8Array(16).fill(4)],
      places: { ['ab'.repeat(32)]: 70, ['00'.repeat(32)]: 0 },
    },
  ])
    expect(decodeHistoryAsk(encodeHistoryAsk(ask))).toEqual(ask)
  const piece = { ask: new Uint8Array(16), to: giver, total: 3, top: 40, segment: new Uint8Array([1, 2]) }
  for (const one of [piece, { ...piece, next: -5 }]) expect(decodeHistoryPiece(encodeHistoryPiece(one))).toEqual(one)
  for (const [decode, bytes] of [
    [
      decodeHistoryAsk,
      encodeHistoryAsk({ from: { giver, cursor: 1 }, taken: 0, chains: [], places: { ['ab'.repeat(32)]: 7 } }),
    ],
    [decodeHistoryPiece, encodeHistoryPiece(piece)],
  ] as const)
    fc.assert(
      fc.property(mutated, (change) => isTyped(decode, change(bytes))),
      { numRuns: 300 },
    )
})
