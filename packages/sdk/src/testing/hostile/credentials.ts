import { createCommit } from 'ts-mls/createCommit.js'
import { encodeMlsMessage } from 'ts-mls/message.js'
import { emptyPskIndex } from 'ts-mls/pskIndex.js'
import { encodeIdentity } from '../../protocol/mls/credential.ts'
import type { LeafIdentity } from '../../protocol/mls/engine.ts'
import { handleOf, innerOf } from '../../protocol/mls/group.ts'
import type { EntryUpload } from '../../protocol/wire/methods.ts'
import type { Address } from '../../records/ids.ts'
import { commitData, honestCommit, snapshotAfter } from './commits.ts'
import { commitEntry } from './frame.ts'
import type { HostileMember } from './member.ts'

/** An update whose new leaf says that it is somebody else's, or another device; proven. */
export const forgedCredential = async (member: HostileMember, change: Partial<LeafIdentity>): Promise<EntryUpload> => {
  const inner = innerOf(member.group)
  const { state, cs } = inner
  const { address, deviceKey, certificate = new Uint8Array(32) } = member.self
  const identity = encodeIdentity({ address, deviceKey, certificate, ...change })
  const own = 2 * member.group.ownLeaf
  const ratchetTree = state.ratchetTree.map((node, index) =>
    index === own && node?.nodeType === 'leaf'
      ? { ...node, leaf: { ...node.leaf, credential: { credentialType: 'basic' as const, identity } } }
      : node,
  )
  const made = await createCommit(
    { state: { ...state, ratchetTree }, cipherSuite: cs, pskIndex: emptyPskIndex },
    { wireAsPublicMessage: true, authenticatedData: commitData(member) },
  )
  const commit = encodeMlsMessage(made.commit)
  // A tree in which a credential names another key than its leaf has is none that this program could hold.
  if (change.deviceKey !== undefined) return commitEntry(member, commit, undefined)
  const next = handleOf({ ...inner, state: made.newState, consumed: [] })
  return commitEntry(member, commit, { next, snapshot: snapshotAfter(member, { kind: 'update' }) })
}

/** Adds a device of the member's own making under the address of somebody who is there; proven. */
export const uncertifiedDevice = async (member: HostileMember, address: Address, now: number): Promise<EntryUpload> => {
  const { crypto, engine, group } = member
  const seed = crypto.random(32)
  const identity = { address, deviceKey: await crypto.ed25519.publicKey(seed), certificate: crypto.random(32) }
  const seconds = Math.floor(now / 1_000)
  const lifetime = { notBefore: seconds - 3_600, notAfter: seconds + 86_400 }
  const pair = await engine.createKeyPackage(group.suite, identity, seed, lifetime)
  const { commit, after } = await honestCommit(member, { kind: 'add', keyPackages: [pair.publicPackage] })
  return commitEntry(member, commit, after)
}
