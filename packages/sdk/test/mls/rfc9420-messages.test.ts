import { encodeCommit } from 'ts-mls/commit.js'
import { type CiphersuiteName, ciphersuites } from 'ts-mls/crypto/ciphersuite.js'
import { verifyGroupInfoConfirmationTag, verifyGroupInfoSignature } from 'ts-mls/groupInfo.js'
import { makeKeyPackageRef } from 'ts-mls/keyPackage.js'
import { decodeMlsMessage } from 'ts-mls/message.js'
import { unprotectPrivateMessage } from 'ts-mls/messageProtection.js'
import { unprotectPublicMessage } from 'ts-mls/messageProtectionPublic.js'
import { decodeProposal, encodeProposal } from 'ts-mls/proposal.js'
import {
  addLeafNode,
  decodeRatchetTree,
  encodeRatchetTree,
  removeLeafNode,
  updateLeafNode,
} from 'ts-mls/ratchetTree.js'
import { createSecretTree } from 'ts-mls/secretTree.js'
import { treeHashRoot } from 'ts-mls/treeHash.js'
import { toLeafIndex } from 'ts-mls/treemath.js'
import { decryptGroupInfo, decryptGroupSecrets } from 'ts-mls/welcome.js'
import { expect, test } from 'vitest'
import { decoded, each, hex, unhex } from './vectors.ts'

type Hex = string

interface Protection
  extends Record<
    | 'group_id'
    | 'tree_hash'
    | 'confirmed_transcript_hash'
    | 'signature_pub'
    | 'encryption_secret'
    | 'sender_data_secret'
    | 'membership_key'
    | 'proposal'
    | 'proposal_priv'
    | 'proposal_pub'
    | 'commit'
    | 'commit_priv'
    | 'commit_pub'
    | 'application'
    | 'application_priv',
    Hex
  > {
  cipher_suite: number
  epoch: number
}

test('message-protection.json', async () => {
  const retention = { retainKeysForGenerations: 256, retainKeysForEpochs: 5, maximumForwardRatchetSteps: 1000 }
  const count = await each<Protection>('message-protection', async (v, cs) => {
    const context = {
      version: 'mls10' as const,
      cipherSuite: cs.name,
      groupId: unhex(v.group_id),
      epoch: BigInt(v.epoch),
      treeHash: unhex(v.tree_hash),
      confirmedTranscriptHash: unhex(v.confirmed_transcript_hash),
      extensions: [],
    }
    const secrets = await createSecretTree(2, unhex(v.encryption_secret), cs.kdf)
    const key = unhex(v.signature_pub)
    const openPrivate = async (message: Hex) => {
      const parsed = decoded(decodeMlsMessage(unhex(message), 0))
      if (parsed.wireformat !== 'mls_private_message') throw new Error('not a private message')
      return (
        await unprotectPrivateMessage(
          unhex(v.sender_data_secret),
          parsed.privateMessage,
          secrets,
          [],
          context,
          retention,
          cs,
          key,
        )
      ).content.content
    }
    const openPublic = async (message: Hex) => {
      const parsed = decoded(decodeMlsMessage(unhex(message), 0))
      if (parsed.wireformat !== 'mls_public_message') throw new Error('not a public message')
      return (await unprotectPublicMessage(unhex(v.membership_key), context, [], parsed.publicMessage, cs, key)).content
    }
    for (const content of [await openPrivate(v.proposal_priv), await openPublic(v.proposal_pub)])
      expect(content.contentType === 'proposal' && hex(encodeProposal(content.proposal))).toBe(v.proposal)
    for (const content of [await openPrivate(v.commit_priv), await openPublic(v.commit_pub)])
      expect(content.contentType === 'commit' && hex(encodeCommit(content.commit))).toBe(v.commit)
    const application = await openPrivate(v.application_priv)
    expect(application.contentType === 'application' && hex(application.applicationData)).toBe(v.application)
  })
  expect(count).toBe(4)
})

test('welcome.json', async () => {
  const count = await each<
    { cipher_suite: number } & Record<'init_priv' | 'key_package' | 'signer_pub' | 'welcome', Hex>
  >('welcome', async (v, cs) => {
    const keyPackage = decoded(decodeMlsMessage(unhex(v.key_package), 0))
    const welcome = decoded(decodeMlsMessage(unhex(v.welcome), 0))
    if (keyPackage.wireformat !== 'mls_key_package' || welcome.wireformat !== 'mls_welcome')
      throw new Error('other messages')
    const key = await cs.hpke.importPrivateKey(unhex(v.init_priv))
    const reference = await makeKeyPackageRef(keyPackage.keyPackage, cs.hash)
    const secrets = await decryptGroupSecrets(key, reference, welcome.welcome, cs.hpke)
    if (secrets === undefined) throw new Error('no group secrets')
    const psk = new Uint8Array(cs.kdf.size)
    const info = await decryptGroupInfo(welcome.welcome, secrets.joinerSecret, psk, cs)
    if (info === undefined) throw new Error('no group info')
    expect(await verifyGroupInfoSignature(info, unhex(v.signer_pub), cs.signature)).toBe(true)
    expect(await verifyGroupInfoConfirmationTag(info, secrets.joinerSecret, psk, cs)).toBe(true)
  })
  expect(count).toBe(4)
})

interface Operation
  extends Record<'proposal' | 'tree_after' | 'tree_before' | 'tree_hash_after' | 'tree_hash_before', Hex> {
  cipher_suite: number
  proposal_sender: number
}

test('tree-operations.json', async () => {
  const seen = new Set<unknown>()
  const count = await each<Operation>('tree-operations', async (v, cs) => {
    expect(ciphersuites[cs.name as CiphersuiteName]).toBe(v.cipher_suite)
    const before = decoded(decodeRatchetTree(unhex(v.tree_before), 0))
    expect(hex(await treeHashRoot(before, cs.hash))).toBe(v.tree_hash_before)
    const proposal = decoded(decodeProposal(unhex(v.proposal), 0))
    seen.add(proposal.proposalType)
    const after =
      proposal.proposalType === 'add' && 'add' in proposal
        ? addLeafNode(before, proposal.add.keyPackage.leafNode)[0]
        : proposal.proposalType === 'update' && 'update' in proposal
          ? updateLeafNode(before, proposal.update.leafNode, toLeafIndex(v.proposal_sender))
          : 'remove' in proposal
            ? removeLeafNode(before, toLeafIndex(proposal.remove.removed))
            : before
    expect(hex(encodeRatchetTree(after))).toBe(v.tree_after)
    expect(hex(await treeHashRoot(after, cs.hash))).toBe(v.tree_hash_after)
  })
  expect([count, [...seen]]).toEqual([5, ['add', 'update', 'remove']])
})
