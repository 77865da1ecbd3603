import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { encodeCbor } from '../../src/protocol/wire/cbor.ts'
import { decodeFrame, encodeFrame } from '../../src/protocol/wire/frame-codec.ts'
import { FRAME_LIMIT, FRAME_TYPES, type Frame } from '../../src/protocol/wire/frames.ts'
import { mutated, typedOrThrow } from '../support/mutation.ts'

const fill = (length: number, value: number) => new Uint8Array(length).fill(value)

const FRAMES: readonly Frame[] = [
  { type: 'hello', versions: [1, 2], agent: 'test/1', nonce: fill(32, 1) },
  {
    type: 'welcome',
    version: 1,
    relayKey: fill(32, 2),
    challenge: fill(32, 3),
    signature: fill(64, 4),
    time: 1_700_000_000_000,
    heartbeat: 15_000,
    window: 64,
  },
  { type: 'request', id: 7, method: 'blob.get', params: { id: fill(16, 5) } },
  { type: 'result', id: 7, result: { body: fill(300, 6) } },
  { type: 'error', id: 0, code: 'relay/wrong-epoch', details: { topic: 'ab', epoch: 4 } },
  { type: 'subscribe', id: 8, name: 'topic', params: { topic: fill(32, 7), after: 12 }, credit: 64 },
  { type: 'item', id: 8, item: { body: fill(20, 8) } },
  { type: 'credit', id: 8, credit: 32 },
  { type: 'unsubscribe', id: 8 },
  { type: 'end', id: 8 },
  { type: 'end', id: 8, code: 'relay/not-permitted', details: { what: 'read' } },
  { type: 'ping', nonce: 99 },
  { type: 'pong', nonce: 99 },
  { type: 'goodbye', reason: 'restart', retryAfter: 1000 },
  { type: 'cancel', id: 7 },
]

describe('the frame codec', () => {
  test('has an example of every type here', () => {
    expect(new Set(FRAMES.map(({ type }) => type))).toEqual(new Set(Object.keys(FRAME_TYPES)))
  })

  test.each(FRAMES)('brings back $type as it was', (frame) => {
    expect(decodeFrame(encodeFrame(frame))).toEqual(frame)
  })

  test('ignores elements that a later version appends', () => {
    expect(decodeFrame(encodeCbor([FRAME_TYPES.cancel, 3, 'more', { of: 'it' }]))).toEqual({ type: 'cancel', id: 3 })
  })

  test.each([
    ['an unknown type', encodeCbor([99, 1])],
    ['a type by name', encodeCbor(['ping', 1])],
    ['a map', encodeCbor({ type: 10 })],
    ['a missing element', encodeCbor([FRAME_TYPES.request, 1, 'blob.get'].slice(0, 2))],
    ['an id of zero', encodeCbor([FRAME_TYPES.cancel, 0])],
    ['a short nonce', encodeCbor([FRAME_TYPES.hello, [1], 'x', fill(31, 0)])],
    ['no version', encodeCbor([FRAME_TYPES.hello, [], 'x', fill(32, 0)])],
    ['no credit', encodeCbor([FRAME_TYPES.credit, 1, 0])],
    ['nothing', new Uint8Array()],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeFrame(bytes)).toThrow(expect.objectContaining({ code: 'protocol/malformed' }))
  })

  test('refuses a frame over the limit, both ways', () => {
    const large: Frame = { type: 'result', id: 1, result: fill(FRAME_LIMIT, 0) }
    expect(() => encodeFrame(large)).toThrow(expect.objectContaining({ code: 'protocol/too-large' }))
    expect(() => decodeFrame(fill(FRAME_LIMIT + 1, 0))).toThrow(expect.objectContaining({ code: 'protocol/too-large' }))
  })

  test('answers ten thousand mutations with a frame or a typed error', () => {
    const encoded = FRAMES.map(encodeFrame)
    fc.assert(
      fc.property(mutated(encoded), (bytes) => typedOrThrow(() => decodeFrame(bytes))),
      { numRuns: 10_000 },
    )
  })
})
