import { encodeFrame, FRAME_LIMIT } from '@dchat/sdk/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ItemFrames } from '../../src/link/item-frames.ts'

const ID_MAX = 0xffff_ffff
const items = Array.from({ length: 3 }, (_, index) => ({ seq: index, body: new Uint8Array(300).fill(index) }))
const boundary = fc.constantFrom(1, 23, 24, 255, 256, 65_535, 65_536, ID_MAX)
const sends = fc.array(fc.record({ id: fc.oneof(boundary, fc.integer({ min: 1, max: ID_MAX })), at: fc.nat(2) }))

test('frames are those of the encoder, whoever got the item before and under whatever id', () => {
  fc.assert(
    fc.property(sends, (all) => {
      const frames = new ItemFrames()
      for (const { id, at } of all) {
        const item = items[at] as (typeof items)[0]
        expect(Buffer.compare(frames.encode(id, item), encodeFrame({ type: 'item', id, item }))).toBe(0)
      }
    }),
  )
})

test('an item that fits under a short id alone is refused under a long one, and goes on to the next', () => {
  const frames = new ItemFrames()
  const overhead = encodeFrame({ type: 'item', id: 1, item: { body: new Uint8Array(70_000) } }).length - 70_000
  const item = { body: new Uint8Array(FRAME_LIMIT - overhead) }
  expect(frames.encode(1, item)).toHaveLength(FRAME_LIMIT)
  expect(() => frames.encode(ID_MAX, item)).toThrow(expect.objectContaining({ code: 'protocol/too-large' }))
  expect(frames.encode(2, item)).toHaveLength(FRAME_LIMIT)
})
