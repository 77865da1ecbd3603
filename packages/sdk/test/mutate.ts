import fc from 'fast-check'

/** One change of some bytes: a flipped bit, a replaced, inserted or removed run, or nothing but noise. */
export type Mutation = (bytes: Uint8Array) => Uint8Array

const splice = (bytes: Uint8Array, at: number, remove: number, insert: Uint8Array): Uint8Array => {
  const end = Math.min(bytes.length, at + remove)
  const out = new Uint8Array(at + insert.length + bytes.length - end)
  out.set(bytes.subarray(0, at))
  out.set(insert, at)
  out.set(bytes.subarray(end), at + insert.length)
  return out
}

const place = (bytes: Uint8Array, at: number): number => (bytes.length === 0 ? 0 : at % bytes.length)
const noise = fc.uint8Array({ minLength: 1, maxLength: 16 })

export const mutated: fc.Arbitrary<Mutation> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.nat(), fc.nat(7)).map(
      ([at, bit]): Mutation =>
        (bytes) => {
          const i = place(bytes, at)
          return splice(bytes, i, 1, new Uint8Array([(bytes[i] ?? 0) ^ (1 << bit)]))
        },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(fc.nat(), fc.nat(16), noise).map(
      ([at, remove, insert]): Mutation =>
        (bytes) =>
          splice(bytes, place(bytes, at), remove, insert),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.nat(), fc.integer({ min: 1, max: 64 })).map(
      ([at, remove]): Mutation =>
        (bytes) =>
          splice(bytes, place(bytes, at), remove, new Uint8Array()),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.nat().map(
      (at): Mutation =>
        (bytes) =>
          bytes.slice(0, place(bytes, at)),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ maxLength: 200 }).map(
      (bytes): Mutation =>
        () =>
          bytes,
    ),
  },
)
