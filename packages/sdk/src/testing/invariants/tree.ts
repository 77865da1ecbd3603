import { x25519 } from '@noble/curves/ed25519.js'
import { nodeMlsPrimitives } from '../../adapters/crypto/mls-node.ts'
import { createGroupEngine } from '../../protocol/mls/create-group-engine.ts'
import type { Group, Suite } from '../../protocol/mls/engine.ts'
import { innerOf } from '../../protocol/mls/group.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'

const engine = createGroupEngine({ crypto: nodeMlsPrimitives() })

/** What MLS itself says of an epoch. */
export interface TreeLook {
  readonly epoch: number
  readonly authenticator: string
  readonly devices: readonly string[]
  readonly people: readonly string[]
  readonly foreignKeys: readonly number[]
}

/** Opens a stored MLS state. */
export const openTree = async (rows: { state: Uint8Array; tree: Uint8Array }, suite: Suite): Promise<TreeLook> => {
  const group = await engine.decode(rows, suite)
  return {
    epoch: group.epoch,
    authenticator: toHex(group.authenticator),
    devices: group.members.map(({ device }) => device as string).sort(),
    people: [...new Set(group.members.map(({ address }) => address as string))].sort(),
    foreignKeys: foreignKeys(group),
  }
}

/** Nodes whose secret, as this device holds it, does not belong to the public key that the tree shows to everybody. */
const foreignKeys = (group: Group): readonly number[] => {
  if (group.suite !== 'group-x25519-aes128' || !group.active) return []
  const { privatePath, ratchetTree } = innerOf(group).state
  return Object.entries(privatePath.privateKeys).flatMap(([index, secret]) => {
    const node = ratchetTree[Number(index)]
    if (node === undefined) return []
    const published = node.nodeType === 'leaf' ? node.leaf.hpkePublicKey : node.parent.hpkePublicKey
    return equalBytes(x25519.getPublicKey(secret), published) ? [] : [Number(index)]
  })
}
