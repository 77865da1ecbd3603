import { decodeAuthenticatedContent } from 'ts-mls/authenticatedContent.js'
import { determineLength } from 'ts-mls/codec/variableLength.js'
import { refhash } from 'ts-mls/crypto/hash.js'
import { decryptWithLabel, encryptWithLabel } from 'ts-mls/crypto/hpke.js'
import { deriveSecret, deriveTreeSecret, expandWithLabel } from 'ts-mls/crypto/kdf.js'
import { signWithLabel, verifyWithLabel } from 'ts-mls/crypto/signature.js'
import { verifyConfirmationTag } from 'ts-mls/framedContent.js'
import { decodeGroupContext } from 'ts-mls/groupContext.js'
import { initializeEpoch, mlsExporter } from 'ts-mls/keySchedule.js'
import { computePskSecret } from 'ts-mls/presharedkey.js'
import { createSecretTree, ratchetToGeneration } from 'ts-mls/secretTree.js'
import { expandSenderDataKey, expandSenderDataNonce } from 'ts-mls/sender.js'
import { createConfirmedHash, createInterimHash } from 'ts-mls/transcriptHash.js'
import { left, nodeWidth, parent, right, root, sibling, toNodeIndex } from 'ts-mls/treemath.js'
import { expect, test } from 'vitest'
import { decoded, each, hex, unhex, vectors } from './vectors.ts'

type Hex = string

test('tree-math.json', () => {
  const all = vectors<
    { n_leaves: number; n_nodes: number; root: number } & Record<
      'left' | 'right' | 'parent' | 'sibling',
      (number | null)[]
    >
  >('tree-math')
  for (const vector of all) {
    expect(nodeWidth(vector.n_leaves)).toBe(vector.n_nodes)
    expect(root(vector.n_leaves)).toBe(vector.root)
    for (let i = 0; i < vector.n_nodes; i++) {
      const node = toNodeIndex(i)
      if (vector.left[i] !== null) expect(left(node)).toBe(vector.left[i])
      if (vector.right[i] !== null) expect(right(node)).toBe(vector.right[i])
      if (vector.parent[i] !== null) expect(parent(node, vector.n_leaves)).toBe(vector.parent[i])
      if (vector.sibling[i] !== null) expect(sibling(node, vector.n_leaves)).toBe(vector.sibling[i])
    }
  }
  expect(all.length).toBe(10)
})

test('deserialization.json', () => {
  const all = vectors<{ vlbytes_header: Hex; length: number }>('deserialization')
  for (const { vlbytes_header, length } of all) expect(determineLength(unhex(vlbytes_header)).length).toBe(length)
  expect(all.length).toBe(14)
})

interface Basics {
  cipher_suite: number
  ref_hash: { label: string; value: Hex; out: Hex }
  expand_with_label: { secret: Hex; label: string; context: Hex; length: number; out: Hex }
  derive_secret: { secret: Hex; label: string; out: Hex }
  derive_tree_secret: { secret: Hex; label: string; generation: number; length: number; out: Hex }
  sign_with_label: { priv: Hex; pub: Hex; content: Hex; label: string; signature: Hex }
  encrypt_with_label: Record<'priv' | 'pub' | 'context' | 'plaintext' | 'kem_output' | 'ciphertext', Hex> & {
    label: string
  }
}

test('crypto-basics.json', async () => {
  const count = await each<Basics>('crypto-basics', async (v, cs) => {
    expect(hex(await refhash(v.ref_hash.label, unhex(v.ref_hash.value), cs.hash))).toBe(v.ref_hash.out)
    const expand = v.expand_with_label
    expect(
      hex(await expandWithLabel(unhex(expand.secret), expand.label, unhex(expand.context), expand.length, cs.kdf)),
    ).toBe(expand.out)
    expect(hex(await deriveSecret(unhex(v.derive_secret.secret), v.derive_secret.label, cs.kdf))).toBe(
      v.derive_secret.out,
    )
    const tree = v.derive_tree_secret
    expect(hex(await deriveTreeSecret(unhex(tree.secret), tree.label, tree.generation, tree.length, cs.kdf))).toBe(
      tree.out,
    )
    const { priv, pub, content, label, signature } = v.sign_with_label
    expect(await verifyWithLabel(unhex(pub), label, unhex(content), unhex(signature), cs.signature)).toBe(true)
    const again = await signWithLabel(unhex(priv), label, unhex(content), cs.signature)
    expect(await verifyWithLabel(unhex(pub), label, unhex(content), again, cs.signature)).toBe(true)
    const box = v.encrypt_with_label
    const key = await cs.hpke.importPrivateKey(unhex(box.priv))
    const context = unhex(box.context)
    expect(
      hex(await decryptWithLabel(key, box.label, context, unhex(box.kem_output), unhex(box.ciphertext), cs.hpke)),
    ).toBe(box.plaintext)
    const to = await cs.hpke.importPublicKey(unhex(box.pub))
    const { ct, enc } = await encryptWithLabel(to, box.label, context, unhex(box.plaintext), cs.hpke)
    expect(hex(await decryptWithLabel(key, box.label, context, enc, ct, cs.hpke))).toBe(box.plaintext)
  })
  expect(count).toBe(4)
})

interface Schedule {
  cipher_suite: number
  group_id: Hex
  initial_init_secret: Hex
  epochs: (Record<
    | 'tree_hash'
    | 'commit_secret'
    | 'psk_secret'
    | 'confirmed_transcript_hash'
    | 'group_context'
    | 'joiner_secret'
    | 'welcome_secret'
    | 'init_secret'
    | 'sender_data_secret'
    | 'encryption_secret'
    | 'exporter_secret'
    | 'epoch_authenticator'
    | 'external_secret'
    | 'confirmation_key'
    | 'membership_key'
    | 'resumption_psk'
    | 'external_pub',
    Hex
  > & { exporter: { label: string; context: Hex; length: number; secret: Hex } })[]
}

test('key-schedule.json', async () => {
  let epochs = 0
  const count = await each<Schedule>('key-schedule', async (v, cs) => {
    let init = unhex(v.initial_init_secret)
    for (const [index, epoch] of v.epochs.entries()) {
      const context = decoded(decodeGroupContext(unhex(epoch.group_context), 0))
      expect(context.epoch).toBe(BigInt(index))
      expect([hex(context.groupId), hex(context.treeHash), hex(context.confirmedTranscriptHash)]).toEqual([
        v.group_id,
        epoch.tree_hash,
        epoch.confirmed_transcript_hash,
      ])
      const made = await initializeEpoch(init, unhex(epoch.commit_secret), context, unhex(epoch.psk_secret), cs.kdf)
      const { keySchedule: keys } = made
      expect({
        joiner: hex(made.joinerSecret),
        welcome: hex(made.welcomeSecret),
        encryption: hex(made.encryptionSecret),
        init: hex(keys.initSecret),
        sender: hex(keys.senderDataSecret),
        exporter: hex(keys.exporterSecret),
        authenticator: hex(keys.epochAuthenticator),
        external: hex(keys.externalSecret),
        confirmation: hex(keys.confirmationKey),
        membership: hex(keys.membershipKey),
        resumption: hex(keys.resumptionPsk),
      }).toEqual({
        joiner: epoch.joiner_secret,
        welcome: epoch.welcome_secret,
        encryption: epoch.encryption_secret,
        init: epoch.init_secret,
        sender: epoch.sender_data_secret,
        exporter: epoch.exporter_secret,
        authenticator: epoch.epoch_authenticator,
        external: epoch.external_secret,
        confirmation: epoch.confirmation_key,
        membership: epoch.membership_key,
        resumption: epoch.resumption_psk,
      })
      const { publicKey } = await cs.hpke.deriveKeyPair(keys.externalSecret)
      expect(hex(await cs.hpke.exportPublicKey(publicKey))).toBe(epoch.external_pub)
      const { label, context: exported, length, secret } = epoch.exporter
      expect(hex(await mlsExporter(keys.exporterSecret, label, unhex(exported), length, cs))).toBe(secret)
      init = new Uint8Array(keys.initSecret)
      epochs++
    }
  })
  expect([count, epochs]).toEqual([4, 20])
})

test('psk_secret.json', async () => {
  const count = await each<{
    cipher_suite: number
    psks: { psk_id: Hex; psk: Hex; psk_nonce: Hex }[]
    psk_secret: Hex
  }>('psk_secret', async (v, cs) => {
    const psks = v.psks.map(
      ({ psk_id, psk, psk_nonce }) =>
        [{ psktype: 'external' as const, pskId: unhex(psk_id), pskNonce: unhex(psk_nonce) }, unhex(psk)] as [
          { psktype: 'external'; pskId: Uint8Array; pskNonce: Uint8Array },
          Uint8Array,
        ],
    )
    expect(hex(await computePskSecret(psks, cs))).toBe(v.psk_secret)
  })
  expect(count).toBe(44)
})

test('transcript-hashes.json', async () => {
  const count = await each<
    Record<
      | 'confirmation_key'
      | 'authenticated_content'
      | 'interim_transcript_hash_before'
      | 'confirmed_transcript_hash_after'
      | 'interim_transcript_hash_after',
      Hex
    > & { cipher_suite: number }
  >('transcript-hashes', async (v, cs) => {
    const { wireformat, content, auth } = decoded(decodeAuthenticatedContent(unhex(v.authenticated_content), 0))
    if (content.contentType !== 'commit' || auth.contentType !== 'commit') throw new Error('not a commit')
    const confirmed = await createConfirmedHash(
      unhex(v.interim_transcript_hash_before),
      { wireformat, content, signature: auth.signature },
      cs.hash,
    )
    expect(hex(confirmed)).toBe(v.confirmed_transcript_hash_after)
    expect(hex(await createInterimHash(confirmed, auth.confirmationTag, cs.hash))).toBe(v.interim_transcript_hash_after)
    expect(await verifyConfirmationTag(unhex(v.confirmation_key), auth.confirmationTag, confirmed, cs.hash)).toBe(true)
  })
  expect(count).toBe(4)
})

interface SecretTreeVector {
  cipher_suite: number
  encryption_secret: Hex
  sender_data: Record<'sender_data_secret' | 'ciphertext' | 'key' | 'nonce', Hex>
  leaves: ({ generation: number } & Record<
    'application_key' | 'application_nonce' | 'handshake_key' | 'handshake_nonce',
    Hex
  >)[][]
}

test('secret-tree.json', async () => {
  const retention = { retainKeysForGenerations: 256, retainKeysForEpochs: 5, maximumForwardRatchetSteps: 1000 }
  let leaves = 0
  const count = await each<SecretTreeVector>('secret-tree', async (v, cs) => {
    const secret = unhex(v.sender_data.sender_data_secret)
    const ciphertext = unhex(v.sender_data.ciphertext)
    expect(hex(await expandSenderDataKey(cs, secret, ciphertext))).toBe(v.sender_data.key)
    expect(hex(await expandSenderDataNonce(cs, secret, ciphertext))).toBe(v.sender_data.nonce)
    const tree = await createSecretTree(v.leaves.length, unhex(v.encryption_secret), cs.kdf)
    for (const [leafIndex, generations] of v.leaves.entries()) {
      leaves++
      for (const at of generations)
        for (const type of ['application', 'handshake'] as const) {
          const sender = { leafIndex, generation: at.generation, reuseGuard: new Uint8Array(4) as never }
          const found = await ratchetToGeneration(tree, sender, type === 'application' ? type : 'commit', retention, cs)
          expect([hex(found.key), hex(found.nonce)]).toEqual([at[`${type}_key`], at[`${type}_nonce`]])
        }
    }
  })
  expect(count).toBe(12)
  expect(leaves).toBeGreaterThan(100)
})
