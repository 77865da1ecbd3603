import type { LeafNode } from 'ts-mls/leafNode.js'
import { getHpkePublicKey, type RatchetTree } from 'ts-mls/ratchetTree.js'
import { toHex } from '../../util/bytes.ts'
import { deviceIdOf, identityOfLeaf } from './credential.ts'
import type { Member, Suite } from './engine.ts'
import { usablePublicKey } from './public-key.ts'

/** Trees are immutable and live for an epoch, while a handle is made for every message. */
const known = new WeakMap<RatchetTree, readonly Member[]>()

/** The members of a tree in leaf order. Throws `protocol/malformed` if a credential is not ours. */
export const membersOf = (tree: RatchetTree): readonly Member[] => {
  const cached = known.get(tree)
  if (cached !== undefined) return cached
  const members: Member[] = []
  for (const [index, node] of tree.entries())
    if (node?.nodeType === 'leaf') {
      const identity = identityOfLeaf(node.leaf)
      members.push(Object.freeze({ ...identity, leaf: index / 2, device: deviceIdOf(identity.deviceKey) }))
    }
  known.set(tree, Object.freeze(members))
  return members
}

export const leafAt = (tree: RatchetTree, leaf: number): LeafNode | undefined => {
  const node = tree[leaf * 2]
  return node?.nodeType === 'leaf' ? node.leaf : undefined
}

export const memberAt = (tree: RatchetTree, leaf: number): Member | undefined =>
  membersOf(tree).find((member) => member.leaf === leaf)

/** Signature keys and HPKE keys are unique in a tree (RFC 9420 7.3; the library compares no new leaf). */
export const keysAreUnique = (tree: RatchetTree): boolean => {
  const hpke = new Set<string>()
  const signature = new Set<string>()
  let nodes = 0
  let leaves = 0
  for (const node of tree) {
    if (node === undefined) continue
    nodes++
    hpke.add(toHex(getHpkePublicKey(node)))
    if (node.nodeType !== 'leaf') continue
    leaves++
    signature.add(toHex(node.leaf.signaturePublicKey))
  }
  return hpke.size === nodes && signature.size === leaves
}

export const keysAreUsable = (tree: RatchetTree, suite: Suite): boolean =>
  tree.every((node) => node === undefined || usablePublicKey(suite, getHpkePublicKey(node)))
