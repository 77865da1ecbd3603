import { decode as libraryDecode, encode as libraryEncode, rfc8949EncodeOptions } from 'cborg'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isDchatError } from '../../src/errors.ts'
import { decodeCbor, encodeCbor } from '../../src/protocol/wire/cbor.ts'
import { equalBytes, fromHex, fromUtf8, toHex } from '../../src/util/bytes.ts'

const unhex = (text: string) => fromHex(text) as Uint8Array
const malformed = (error: unknown) => isDchatError(error, 'protocol/malformed')

/** RFC 8949, appendix A: what stands for itself in JavaScript and has a deterministic form. */
const APPENDIX_A: readonly (readonly [unknown, string])[] = [
  [0, '00'],
  [1, '01'],
  [10, '0a'],
  [23, '17'],
  [24, '1818'],
  [25, '1819'],
  [100, '1864'],
  [1000, '1903e8'],
  [1000000, '1a000f4240'],
  [1000000000000, '1b000000e8d4a51000'],
  [18446744073709551615n, '1bffffffffffffffff'],
  [-18446744073709551616n, '3bffffffffffffffff'],
  [-1, '20'],
  [-10, '29'],
  [-100, '3863'],
  [-1000, '3903e7'],
  [false, 'f4'],
  [true, 'f5'],
  [null, 'f6'],
  [unhex(''), '40'],
  [unhex('01020304'), '4401020304'],
  ['', '60'],
  ['a', '6161'],
  ['IETF', '6449455446'],
  ['"\\', '62225c'],
  ['ü', '62c3bc'],
  ['水', '63e6b0b4'],
  ['𐅑', '64f0908591'],
  [[], '80'],
  [[1, 2, 3], '83010203'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
  [Array.from({ length: 25 }, (_, i) => i + 1), '98190102030405060708090a0b0c0d0e0f101112131415161718181819'],
  [{}, 'a0'],
  [{ a: 1, b: [2, 3] }, 'a26161016162820203'],
  [['a', { b: 'c' }], '826161a161626163'],
  [{ a: 'A', b: 'B', c: 'C', d: 'D', e: 'E' }, 'a56161614161626142616361436164614461656145'],
]

test.each(APPENDIX_A)('RFC 8949, appendix A: %o', (value, hex) => {
  expect(toHex(encodeCbor(value as never))).toBe(hex)
  expect(decodeCbor(unhex(hex), 'test')).toEqual(value)
})

test.each([
  ['f90000', 0],
  ['f93c00', 1],
  ['f93e00', 1.5],
  ['f97bff', 65504],
  ['f90001', 2 ** -24],
  ['f90400', 2 ** -14],
  ['f9c400', -4],
  ['f97c00', Number.POSITIVE_INFINITY],
  ['f9fc00', Number.NEGATIVE_INFINITY],
  ['f97e00', Number.NaN],
  ['fa47c35000', 100000],
  ['fb3ff199999999999a', 1.1],
  ['f7', undefined],
  ['c074323031332d30332d32315432303a30343a30305a', { tag: 0, value: '2013-03-21T20:04:00Z' }],
  ['a201020304', new Map([[1, 2], [3, 4]])], // biome-ignore format: a table
])('%s is read where the format is foreign, and only there', (hex, value) => {
  const foreign = { deterministic: false, foreign: true, maps: true }
  expect(decodeCbor(unhex(hex), 'test', foreign)).toEqual(value)
  expect(() => decodeCbor(unhex(hex), 'test')).toThrow()
})

test.each([
  ['', 'ends too early'],
  ['18', 'ends too early'],
  ['62e6', 'ends too early'],
  ['9bffffffffffffffff', 'ends too early'],
  ['5b7fffffffffffffff', 'ends too early'],
  ['0000', 'left over'],
  ['1817', 'deterministic'],
  ['1900ff', 'deterministic'],
  ['1a0000ffff', 'deterministic'],
  ['1b00000000ffffffff', 'deterministic'],
  ['3817', 'deterministic'],
  ['a2616201616102', 'deterministic'],
  ['a2616101616102', 'deterministic'],
  ['a20001', 'ends too early'],
  ['a10001', 'not a text'],
  ['5f42010243030405ff', 'indefinite'],
  ['9fff', 'indefinite'],
  ['1c', 'indefinite'],
  ['c000', 'tags'],
  ['f7', 'floats'],
  ['f818', 'floats'],
  ['ff', 'floats'],
  ['61ff', 'not UTF-8'],
  ['63eda080', 'not UTF-8'],
])('%s is malformed: %s', (hex, reason) => {
  expect(() => decodeCbor(unhex(hex), 'test')).toThrow(reason)
  expect(() => decodeCbor(unhex(hex), 'test')).toSatisfy((run: () => void) => {
    try {
      run()
    } catch (error) {
      return malformed(error)
    }
    return false
  })
})

test('a key that stands twice is refused in every mode', () => {
  for (const hex of ['a2616101616102', 'a201010102', 'a2010118010200'])
    expect(() => decodeCbor(unhex(hex), 'test', { maps: true, deterministic: false })).toThrow(/twice|left over/)
})

test('bounds hold: size, depth and items', () => {
  const nested = (depth: number) => new Uint8Array([...new Uint8Array(depth).fill(0x81), 0])
  expect(() => decodeCbor(nested(16), 'test')).not.toThrow()
  expect(() => decodeCbor(nested(17), 'test')).toThrow('nested deeper than 16')
  expect(() => decodeCbor(nested(1_000_000), 'test')).toThrow('nested deeper than 16')
  expect(() => decodeCbor(encodeCbor([1, 2, 3]), 'test', { items: 4 })).not.toThrow()
  expect(() => decodeCbor(encodeCbor([1, 2, 3]), 'test', { items: 3 })).toThrow('more than 3 items')
  expect(() => decodeCbor(new Uint8Array(11), 'test', { size: 10 })).toThrow('the limit is 10')
})

test('a text keeps its first character, whichever it is', () => {
  const text = '\ufeffhello, and more than thirty-two bytes of it'
  expect(decodeCbor(encodeCbor(text), 'test')).toBe(text)
})

test('a key is a field like any other, "__proto__" too', () => {
  const value = decodeCbor(unhex('a1695f5f70726f746f5f5f6178'), 'test') as object
  expect(Object.entries(value)).toEqual([['__proto__', 'x']])
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  expect(toHex(encodeCbor(value as never))).toBe('a1695f5f70726f746f5f5f6178')
})

test.each([[1.5], [Number.NaN], [2 ** 53], [1n << 64n], [-(1n << 64n) - 1n], [() => 0], [Symbol('x')], [[undefined]]])(
  'does not encode %o',
  (value) => {
    expect(() => encodeCbor(value as never)).toThrow()
  },
)

/** What the codec carries, with keys of every length and alphabet. */
const text = fc.string({ unit: 'grapheme', maxLength: 40 })
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(1n << 64n), max: (1n << 64n) - 1n }),
    text,
    fc.uint8Array({ maxLength: 300 }),
    fc.array(tie('value'), { maxLength: 30 }),
    fc.dictionary(text, fc.option(tie('value'), { nil: undefined }), { maxKeys: 30 }),
  ),
}))

const attempt = <T>(work: () => T): { value: T } | undefined => {
  try {
    return { value: work() }
  } catch {
    return undefined
  }
}

describe('beside another implementation', () => {
  /** The library encodes `undefined` fields; bigints that are safe integers come back as numbers from both. */
  const without = (v: unknown): unknown =>
    Array.isArray(v)
      ? v.map(without)
      : v !== null && typeof v === 'object' && !(v instanceof Uint8Array)
        ? Object.fromEntries(Object.entries(v).flatMap(([k, f]) => (f === undefined ? [] : [[k, without(f)]])))
        : v

  test('encodes to the same bytes and decodes to the same value', () => {
    fc.assert(
      fc.property(value, (v) => {
        const encoded = encodeCbor(v as never)
        expect(encoded).toEqual(new Uint8Array(libraryEncode(without(v), rfc8949EncodeOptions)))
        const ours = decodeCbor(encoded, 'test', { depth: 100 })
        expect(encodeCbor(ours as never)).toEqual(encoded)
        // The library drops a U+FEFF at the start of a text.
        if (!toHex(encoded).includes('efbbbf')) expect(ours).toEqual(libraryDecode(encoded))
      }),
    )
  })

  test('accepts of changed bytes what it accepts, and nothing else', () => {
    const edits = fc.array(fc.record({ at: fc.nat(), byte: fc.integer({ min: 0, max: 255 }) }), { maxLength: 3 })
    fc.assert(
      fc.property(value, edits, fc.nat({ max: 3 }), (v, changes, cut) => {
        const bytes = encodeCbor(v as never)
        for (const { at, byte } of changes) bytes[at % bytes.length] = byte
        const input = bytes.subarray(0, Math.max(1, bytes.length - cut))
        const theirs = attempt(() => {
          const decoded = libraryDecode(input, { allowIndefinite: false, rejectDuplicateMapKeys: true })
          if (!equalBytes(libraryEncode(decoded, rfc8949EncodeOptions), input)) throw new Error('not deterministic')
          return decoded
        })
        const ours = attempt(() => decodeCbor(input, 'test', { depth: 100 }))
        const hex = toHex(input)
        // Floats and `undefined` are the library's, a U+FEFF at the start of a text is ours.
        if (theirs !== undefined && !/f[79ab]/.test(hex)) expect(ours).toEqual(theirs)
        if (ours !== undefined) {
          expect(encodeCbor(ours.value as never)).toEqual(new Uint8Array(input))
          if (!hex.includes('efbbbf')) expect(theirs).toEqual(ours)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('never throws anything but its own errors', () => {
    const modes = fc.record({ maps: fc.boolean(), deterministic: fc.boolean(), foreign: fc.boolean() })
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), modes, (bytes, limits) => {
        try {
          decodeCbor(bytes, 'test', limits)
        } catch (error) {
          expect(malformed(error)).toBe(true)
        }
      }),
      { numRuns: 2000 },
    )
  })
})

test('what is UTF-8 is decided alike', () => {
  expect(() => fromUtf8(unhex('c080'))).toThrow()
  expect(() => decodeCbor(unhex('62c080'), 'test')).toThrow('not UTF-8')
})
