import fc from 'fast-check'
import { isDchatError } from '../../src/errors.ts'
import { concat } from '../../src/util/bytes.ts'

type Edit = { readonly kind: 'flip' | 'set' | 'cut' | 'insert' | 'copy'; readonly at: number; readonly value: number }

const edit: fc.Arbitrary<Edit> = fc.record({
  kind: fc.constantFrom('flip', 'set', 'cut', 'insert', 'copy'),
  at: fc.nat(),
  value: fc.nat({ max: 255 }),
})

const apply = (bytes: Uint8Array, { kind, at, value }: Edit): Uint8Array => {
  if (bytes.length === 0) return new Uint8Array([value])
  const place = at % bytes.length
  if (kind === 'cut') return concat(bytes.subarray(0, place), bytes.subarray(place + 1 + (value % 16)))
  if (kind === 'insert') return concat(bytes.subarray(0, place), new Uint8Array([value]), bytes.subarray(place))
  if (kind === 'copy')
    return concat(bytes.subarray(0, place), bytes.subarray(value % bytes.length), bytes.subarray(place))
  const out = bytes.slice()
  out[place] = kind === 'set' ? value : (bytes[place] as number) ^ (1 << (value % 8))
  return out
}

/** One of the seeds after one to four random edits. */
export const mutated = (seeds: readonly Uint8Array[]): fc.Arbitrary<Uint8Array> =>
  fc
    .tuple(fc.constantFrom(...seeds), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([seed, edits]) => edits.reduce(apply, seed))

/** Passes if `work` returns or throws a DchatError; anything else is thrown on. */
export const typedOrThrow = (work: () => unknown): void => {
  try {
    work()
  } catch (error) {
    if (!isDchatError(error)) throw error
  }
}
