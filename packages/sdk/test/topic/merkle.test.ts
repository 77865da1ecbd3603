import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leafHash, merklePaths, merkleRoot, rootFromPath } from '../../src/protocol/topic/merkle.ts'
import { concat, fromHex, toHex } from '../../src/util/bytes.ts'
import { sha256 } from '../../src/util/hash.ts'

/** RFC 6962 2.1 as it is written: split at the largest power of two below n. */
const naiveRoot = (leaves: readonly Uint8Array[]): Uint8Array => {
  if (leaves.length === 0) return sha256(new Uint8Array())
  if (leaves.length === 1) return leafHash(leaves[0] as Uint8Array)
  const split = largestPowerBelow(leaves.length)
  return sha256(concat(new Uint8Array([1]), naiveRoot(leaves.slice(0, split)), naiveRoot(leaves.slice(split))))
}

/** RFC 6962 2.1.1 as it is written. */
const naivePath = (index: number, leaves: readonly Uint8Array[]): Uint8Array[] => {
  if (leaves.length === 1) return []
  const split = largestPowerBelow(leaves.length)
  return index < split
    ? [...naivePath(index, leaves.slice(0, split)), naiveRoot(leaves.slice(split))]
    : [...naivePath(index - split, leaves.slice(split)), naiveRoot(leaves.slice(0, split))]
}

const largestPowerBelow = (n: number) => {
  let power = 1
  while (power * 2 < n) power *= 2
  return power
}

const leaves = fc.uniqueArray(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 70, selector: toHex })

describe('the Merkle tree of RFC 6962', () => {
  test('the known roots of the RFC test tree come out', () => {
    const inputs = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
    const data = inputs.map((hex) => fromHex(hex) as Uint8Array)
    expect(toHex(merkleRoot([]))).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855')
    expect(toHex(merkleRoot(data.slice(0, 1)))).toBe('6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d')
    expect(toHex(merkleRoot(data))).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328')
  })

  test('root and paths agree with the recursive definition', () => {
    fc.assert(
      fc.property(leaves, (data) => {
        expect(toHex(merkleRoot(data))).toBe(toHex(naiveRoot(data)))
        expect(merklePaths(data).map((path) => path.map(toHex))).toEqual(
          data.map((_, index) => naivePath(index, data).map(toHex)),
        )
      }),
      { numRuns: 100 },
    )
  })

  test('every path leads its own leaf to the root, and nothing else does', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), fc.nat(), (data, pick, other) => {
        const index = pick % data.length
        const root = toHex(merkleRoot(data))
        const path = merklePaths(data)[index] as Uint8Array[]
        const leaf = leafHash(data[index] as Uint8Array)
        const from = (...args: Parameters<typeof rootFromPath>) => toHex(rootFromPath(...args) ?? new Uint8Array())
        expect(from(leaf, index, data.length, path)).toBe(root)
        expect(
          from(leafHash(concat(data[index] as Uint8Array, new Uint8Array([1]))), index, data.length, path),
        ).not.toBe(root)
        expect(rootFromPath(leaf, index, data.length, [...path, leaf])).toBeUndefined()
        if (path.length > 0) {
          expect(rootFromPath(leaf, index, data.length, path.slice(1))).toBeUndefined()
          const wrong = other % data.length
          if (wrong !== index) expect(from(leaf, wrong, data.length, path)).not.toBe(root)
        }
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    [-1, 3],
    [3, 3],
    [0.5, 3],
    [0, 0],
    [0, Number.NaN],
  ])('index %s of %s has no root', (index, size) => {
    expect(rootFromPath(new Uint8Array(32), index, size, [])).toBeUndefined()
  })
})
