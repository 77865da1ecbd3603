import { applyUpdatePathSecret } from 'ts-mls/createCommit.js'
import { deriveSecret } from 'ts-mls/crypto/kdf.js'
import { verifyLeafNodeSignature } from 'ts-mls/leafNode.js'
import { verifyParentHashes } from 'ts-mls/parentHash.js'
import { pathToRoot } from 'ts-mls/pathSecrets.js'
import { toPrivateKeyPath } from 'ts-mls/privateKeyPath.js'
import { decodeRatchetTree } from 'ts-mls/ratchetTree.js'
import { treeHashRoot } from 'ts-mls/treeHash.js'
import { leafToNodeIndex, leafWidth, root, toLeafIndex } from 'ts-mls/treemath.js'
import { applyUpdatePath, decodeUpdatePath } from 'ts-mls/updatePath.js'
import { expect, test } from 'vitest'
import { decoded, each, hex, unhex } from './vectors.ts'

type Hex = string

interface TreeKem {
  cipher_suite: number
  group_id: Hex
  epoch: number
  confirmed_transcript_hash: Hex
  ratchet_tree: Hex
  leaves_private: {
    index: number
    encryption_priv: Hex
    signature_priv: Hex
    path_secrets: { node: number; path_secret: Hex }[]
  }[]
  update_paths: {
    sender: number
    update_path: Hex
    path_secrets: (Hex | null)[]
    commit_secret: Hex
    tree_hash_after: Hex
  }[]
}

test('treekem.json, with every derived key compared to the tree', async () => {
  let paths = 0
  const count = await each<TreeKem>(
    'treekem',
    async (v, cs) => {
      const tree = decoded(decodeRatchetTree(unhex(v.ratchet_tree), 0))
      const groupId = unhex(v.group_id)
      expect(await verifyParentHashes(tree, cs.hash)).toBe(true)
      for (const update of v.update_paths) {
        const path = decoded(decodeUpdatePath(unhex(update.update_path), 0))
        const sender = toLeafIndex(update.sender)
        expect(await verifyLeafNodeSignature(path.leafNode, groupId, update.sender, cs.signature)).toBe(true)
        const after = await applyUpdatePath(tree, sender, path, cs.hash)
        expect(hex(await treeHashRoot(after, cs.hash))).toBe(update.tree_hash_after)
        const context = {
          version: 'mls10' as const,
          cipherSuite: cs.name,
          groupId,
          epoch: BigInt(v.epoch),
          treeHash: unhex(update.tree_hash_after),
          confirmedTranscriptHash: unhex(v.confirmed_transcript_hash),
          extensions: [],
        }
        for (const leaf of v.leaves_private) {
          if (leaf.index === update.sender) continue
          const held = Object.fromEntries(leaf.path_secrets.map(({ node, path_secret }) => [node, unhex(path_secret)]))
          const { privateKeys } = await toPrivateKeyPath(held, leaf.index, cs, tree)
          const own = {
            leafIndex: leaf.index,
            privateKeys: { ...privateKeys, [leafToNodeIndex(toLeafIndex(leaf.index))]: unhex(leaf.encryption_priv) },
          }
          const { nodeIndex, pathSecret } = await applyUpdatePathSecret(after, own, sender, context, path, [], cs)
          expect(hex(pathSecret)).toBe(update.path_secrets[leaf.index])
          const secrets = await pathToRoot(after, nodeIndex, pathSecret, cs.kdf)
          await toPrivateKeyPath(secrets, leaf.index, cs, after)
          const last = secrets[root(leafWidth(after.length))] as Uint8Array
          expect(hex(await deriveSecret(last, 'path', cs.kdf))).toBe(update.commit_secret)
          paths++
        }
      }
      // The other suites add nothing to the tree logic and take minutes in JavaScript.
    },
    [1],
  )
  expect(count).toBe(11)
  expect(paths).toBeGreaterThan(200)
})
