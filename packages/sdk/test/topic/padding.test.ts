import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  isWrappedLength,
  MESSAGE_LIMIT,
  pad,
  unpad,
  WRAP_OVERHEAD,
  WRAPPED_LIMIT,
  wrappedLengthOf,
} from '../../src/protocol/topic/padding.ts'
import { BODY_LIMIT } from '../../src/protocol/wire/limits.ts'
import { mutated, typedOrThrow } from '../support/mutation.ts'

const malformed = expect.objectContaining({ code: 'protocol/malformed' })

describe('padding', () => {
  test('brings back every message, at the length of its class', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 70_000 }), fc.nat(255), (length, value) => {
        const bytes = new Uint8Array(length).fill(value)
        const padded = pad(bytes)
        expect(padded.length + WRAP_OVERHEAD).toBe(wrappedLengthOf(length))
        expect(isWrappedLength(padded.length + WRAP_OVERHEAD)).toBe(true)
        expect(Buffer.from(unpad(padded)).equals(bytes)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  test.each([
    [0, 256],
    [204, 256],
    [205, 1024],
    [972, 1024],
    [973, 4096],
    [4044, 4096],
    [4045, 16_384],
    [16_332, 16_384],
    [16_333, 65_536],
    [65_484, 65_536],
    [65_485, 131_072],
    [131_020, 131_072],
    [MESSAGE_LIMIT, WRAPPED_LIMIT],
  ])('a message of %i bytes is %i bytes on the wire', (length, wire) => {
    expect(wrappedLengthOf(length)).toBe(wire)
  })

  test('the largest entry is what the wire allows, and no byte more', () => {
    expect(WRAPPED_LIMIT).toBe(BODY_LIMIT)
    expect(unpad(pad(new Uint8Array(MESSAGE_LIMIT)))).toHaveLength(MESSAGE_LIMIT)
    expect(() => pad(new Uint8Array(MESSAGE_LIMIT + 1))).toThrow(
      expect.objectContaining({ code: 'protocol/too-large' }),
    )
    expect([0, 255, 257, 65_537, WRAPPED_LIMIT + 65_536].map(isWrappedLength)).toEqual(Array(5).fill(false))
  })

  test('has one form only: other lengths, classes and fillings are refused', () => {
    const padded = pad(new Uint8Array(10))
    expect(() => unpad(padded.subarray(1))).toThrow(malformed)
    expect(() => unpad(new Uint8Array())).toThrow(malformed)
    const filled = padded.slice()
    filled[filled.length - 1] = 1
    expect(() => unpad(filled)).toThrow(malformed)
    const wide = new Uint8Array(1024 - WRAP_OVERHEAD)
    wide[3] = 10
    expect(() => unpad(wide)).toThrow(malformed)
    expect(() => unpad(padded.slice().fill(255, 0, 4))).toThrow(malformed)
  })

  test('answers mutations with bytes or a typed error', () => {
    fc.assert(
      fc.property(mutated([pad(new Uint8Array(5)), pad(new Uint8Array(900))]), (b) => typedOrThrow(() => unpad(b))),
      {
        numRuns: 2000,
      },
    )
  })
})
