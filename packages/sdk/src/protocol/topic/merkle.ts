import { concat } from '../../util/bytes.ts'
import { sha256 } from '../../util/hash.ts'

/** The Merkle tree of RFC 6962 2.1. Leaves are byte strings of any length; hashes have 32 bytes. */

const LEAF = new Uint8Array([0])
const NODE = new Uint8Array([1])

/** RFC 6962 2.1: the hash of a leaf's data. */
export const leafHash = (leaf: Uint8Array): Uint8Array => sha256(concat(LEAF, leaf))

const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(concat(NODE, left, right))

/**
 * All levels from the leaf hashes to the root. A node without a sibling moves up as it is, which yields the same tree as
 * RFC 6962's split at the largest power of two.
 */
const levelsOf = (leaves: readonly Uint8Array[]): Uint8Array[][] => {
  const levels = [leaves.map(leafHash)]
  for (let level = levels[0] as Uint8Array[]; level.length > 1; level = levels[levels.length - 1] as Uint8Array[]) {
    const next: Uint8Array[] = []
    for (let i = 0; i < level.length; i += 2) {
      const [left, right] = [level[i] as Uint8Array, level[i + 1]]
      next.push(right ? nodeHash(left, right) : left)
    }
    levels.push(next)
  }
  return levels
}

/** The tree's root. The root of no leaves is the hash of nothing. */
export const merkleRoot = (leaves: readonly Uint8Array[]): Uint8Array => merkleTree(leaves).root

/** The audit path of every leaf, nearest sibling first, in O(n log n). */
export const merklePaths = (leaves: readonly Uint8Array[]): Uint8Array[][] => merkleTree(leaves).paths

/** Root and all audit paths in one walk. */
export const merkleTree = (leaves: readonly Uint8Array[]): { root: Uint8Array; paths: Uint8Array[][] } => {
  if (leaves.length === 0) return { root: sha256(new Uint8Array()), paths: [] }
  const levels = levelsOf(leaves)
  const paths = leaves.map((_, index) =>
    levels.flatMap((level, height) => {
      const sibling = level[Math.floor(index / 2 ** height) ^ 1]
      return sibling ? [sibling] : []
    }),
  )
  return { root: (levels[levels.length - 1] as Uint8Array[])[0] as Uint8Array, paths }
}

/**
 * The root that a leaf hash and its audit path lead to (RFC 9162 2.1.3.2, the same tree); undefined if index, size and
 * the path's length do not fit each other.
 */
export const rootFromPath = (
  leaf: Uint8Array,
  index: number,
  size: number,
  path: readonly Uint8Array[],
): Uint8Array | undefined => {
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return undefined
  let at = index
  let last = size - 1
  let hash = leaf
  for (const sibling of path) {
    if (last === 0) return undefined
    if (at % 2 === 1 || at === last) {
      hash = nodeHash(sibling, hash)
      // A node that moved up alone has no sibling on these levels.
      while (at % 2 === 0 && at !== 0) {
        at = Math.floor(at / 2)
        last = Math.floor(last / 2)
      }
    } else hash = nodeHash(hash, sibling)
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 ? hash : undefined
}
