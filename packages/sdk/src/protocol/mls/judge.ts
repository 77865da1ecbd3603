import type { ClientState } from 'ts-mls/clientState.js'
import type { Credential } from 'ts-mls/credential.js'
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js'
import { type LeafNodeData, verifyLeafNodeSignature } from 'ts-mls/leafNode.js'
import { unprotectPublicMessage } from 'ts-mls/messageProtectionPublic.js'
import type { PublicMessage } from 'ts-mls/publicMessage.js'
import {
  addLeafNode,
  filteredDirectPathAndCopathResolution,
  type RatchetTree,
  removeLeafNode,
} from 'ts-mls/ratchetTree.js'
import { treeHashRoot } from 'ts-mls/treeHash.js'
import { toLeafIndex } from 'ts-mls/treemath.js'
import { applyUpdatePath, type UpdatePath } from 'ts-mls/updatePath.js'
import { isDchatError } from '../../errors.ts'
import { equalBytes } from '../../util/bytes.ts'
import { identityOfLeaf, sameDevice } from './credential.ts'
import type { CommitView, LeafIdentity, Member, Permits, Suite, Verdict } from './engine.ts'
import { CallbackFailure } from './failures.ts'
import { filterCommit, type Passed } from './filter.ts'
import { keyPackageProblem, leafProblem } from './key-package.ts'
import { parseMessage } from './parse.ts'
import { usablePublicKey } from './public-key.ts'
import { SIZES } from './suites.ts'
import { keysAreUnique, leafAt, memberAt, membersOf } from './tree.ts'

/** What a valid verdict promises about the state after the commit. */
export interface Judgement {
  readonly commit: Uint8Array
  readonly message: PublicMessage
  readonly epoch: bigint
  readonly parentTreeHash: Uint8Array
  readonly treeHash: Uint8Array
  readonly view: CommitView
  /** The leaves that the commit takes out; for an external commit, the one that it replaces. */
  readonly gone: readonly number[]
  /** Leaves that the commit writes: their devices must be certified. */
  readonly newLeaves: readonly LeafNodeData[]
}

const certified = async (state: ClientState, credential: Credential, signatureKey: Uint8Array): Promise<boolean> => {
  try {
    return await state.clientConfig.authService.validateCredential(credential, signatureKey)
  } catch (error) {
    throw error instanceof CallbackFailure ? error.reason : error
  }
}

class Void extends Error {}

const must: (holds: boolean, reason: string) => asserts holds = (holds, reason) => {
  if (!holds) throw new Void(reason)
}

const judgements = new WeakMap<Verdict, Judgement>()

/** The judgement behind a verdict that `judge` returned. */
export const judgementOf = (verdict: Verdict): Judgement | undefined => judgements.get(verdict)

/**
 * Judges a commit by parent tree, inline proposals and path leaf, before the library processes it (groups.md).
 * Only public data decides: every member of the epoch comes to the same verdict.
 */
export const judge = async (
  state: ClientState,
  suite: Suite,
  cs: CiphersuiteImpl,
  commit: Uint8Array,
  permits: Permits,
): Promise<Verdict> => {
  const refused = async (reason: string): Promise<Verdict> => {
    const author = await provenAuthor(state, cs, commit)
    return { verdict: 'void', reason, ...(author === undefined ? {} : { author }) }
  }
  let judgement: Judgement
  try {
    judgement = await judgeStructure(state, suite, cs, commit)
  } catch (error) {
    if (error instanceof Void) return refused(error.message)
    return refused(isDchatError(error) ? 'it does not decode' : 'it breaks a rule of MLS')
  }
  const permitted = await permits(judgement.view, membersOf(state.ratchetTree))
  if (permitted !== true) return refused(permitted)
  // Last, because the commit may carry the identity logs that certify its own newcomers.
  for (const { credential, signaturePublicKey } of judgement.newLeaves)
    if (!(await certified(state, credential, signaturePublicKey))) return refused('a device that was never certified')
  const verdict: Verdict = { verdict: 'valid', view: judgement.view }
  judgements.set(verdict, judgement)
  return verdict
}

/**
 * The member who signed a message that counts for nobody. Only a signature by a leaf's own key proves it: who knows the
 * epoch's shared secrets could have made everything else.
 */
const provenAuthor = async (
  state: ClientState,
  cs: CiphersuiteImpl,
  commit: Uint8Array,
): Promise<Member | undefined> => {
  try {
    const message = parseMessage(commit, 'mls_public_message', 'commit').publicMessage
    const { groupContext, ratchetTree, keySchedule } = state
    const { sender, groupId, epoch } = message.content
    if (!equalBytes(groupId, groupContext.groupId) || epoch !== groupContext.epoch) return undefined
    if (sender.senderType !== 'member' && sender.senderType !== 'new_member_commit') return undefined
    await unprotectPublicMessage(keySchedule.membershipKey, groupContext, ratchetTree, message, cs)
    if (sender.senderType === 'member') return memberAt(ratchetTree, sender.leafIndex)
    if (message.content.contentType !== 'commit' || message.content.commit.path === undefined) return undefined
    const { signaturePublicKey } = message.content.commit.path.leafNode
    return membersOf(ratchetTree).find(({ deviceKey }) => equalBytes(deviceKey, signaturePublicKey))
  } catch {
    return undefined
  }
}

const judgeStructure = async (
  state: ClientState,
  suite: Suite,
  cs: CiphersuiteImpl,
  commit: Uint8Array,
): Promise<Judgement> => {
  const message = parseMessage(commit, 'mls_public_message', 'commit').publicMessage
  const { content } = message
  const { groupContext, ratchetTree: parent } = state
  must(equalBytes(content.groupId, groupContext.groupId), 'a commit of another group')
  must(content.epoch === groupContext.epoch, 'a commit of another epoch')
  const passed = filterCommit(message)
  if (typeof passed === 'string') throw new Void(passed)
  if (passed.kind !== 'external') must(leafAt(parent, passed.sender) !== undefined, 'a commit of an empty leaf')
  must(
    message.auth.contentType === 'commit' && message.auth.confirmationTag.length === cs.kdf.size,
    'no confirmation tag',
  )
  // Membership tag and signature over content and group context.
  await unprotectPublicMessage(state.keySchedule.membershipKey, groupContext, parent, message, cs)

  const proposed = await applyPassed(parent, suite, cs, passed)
  const committed =
    passed.kind === 'add' ? proposed.tree : await applyPath(state, suite, cs, proposed, passed.path, passed.kind)
  must(keysAreUnique(committed), 'a key that stands twice in the tree')
  return {
    commit: new Uint8Array(commit),
    message,
    epoch: groupContext.epoch,
    parentTreeHash: groupContext.treeHash,
    treeHash: await treeHashRoot(committed, cs.hash),
    gone: passed.kind === 'remove' ? passed.leaves : passed.kind === 'external' ? [passed.replaced] : [],
    newLeaves: passed.kind === 'add' ? passed.keyPackages.map(({ leafNode }) => leafNode) : [passed.path.leafNode],
    view: {
      kind: passed.kind,
      epoch: Number(groupContext.epoch),
      committer: { ...proposed.committer, leaf: proposed.leaf },
      added: proposed.added,
      removed: passed.kind === 'remove' ? passed.leaves.map((leaf) => present(parent, leaf)) : [],
      ...(passed.kind === 'external' ? { replaces: present(parent, passed.replaced) } : {}),
      authenticatedData: content.authenticatedData,
    },
  }
}

interface Proposed {
  readonly tree: RatchetTree
  readonly committer: LeafIdentity
  readonly leaf: number
  readonly added: readonly LeafIdentity[]
}

const present = (tree: RatchetTree, leaf: number) => {
  const member = memberAt(tree, leaf)
  if (member === undefined) throw new Void('a Remove of an empty leaf')
  return member
}

/** The tree after the proposals, before the path. */
const applyPassed = async (
  parent: RatchetTree,
  suite: Suite,
  cs: CiphersuiteImpl,
  passed: Passed,
): Promise<Proposed> => {
  if (passed.kind === 'external') {
    const { leafNode } = passed.path
    const committer = identityOfLeaf(leafNode)
    must(sameDevice(committer, present(parent, passed.replaced)), 'an external commit that replaces another device')
    const [tree, node] = addLeafNode(removeLeafNode(parent, toLeafIndex(passed.replaced)), leafNode)
    return { tree, committer, leaf: node / 2, added: [] }
  }
  const { address, deviceKey, certificate } = present(parent, passed.sender)
  const base = { committer: { address, deviceKey, certificate }, leaf: passed.sender, added: [] }
  if (passed.kind === 'update') return { ...base, tree: parent }
  if (passed.kind === 'remove') {
    must(new Set(passed.leaves).size === passed.leaves.length, 'a leaf that is removed twice')
    must(!passed.leaves.includes(passed.sender), 'a commit that removes its committer')
    for (const leaf of passed.leaves) present(parent, leaf)
    return { ...base, tree: passed.leaves.reduce((tree, leaf) => removeLeafNode(tree, toLeafIndex(leaf)), parent) }
  }
  let tree = parent
  const added: LeafIdentity[] = []
  for (const keyPackage of passed.keyPackages) {
    const problem = await keyPackageProblem(keyPackage, suite, cs)
    if (problem !== undefined) throw new Void(problem)
    const identity = identityOfLeaf(keyPackage.leafNode)
    added.push(identity)
    tree = addLeafNode(tree, keyPackage.leafNode)[0]
  }
  return { ...base, tree, added }
}

/** Checks the path and its leaf, and returns the tree after it. */
const applyPath = async (
  state: ClientState,
  suite: Suite,
  cs: CiphersuiteImpl,
  { tree, committer, leaf }: Proposed,
  path: UpdatePath,
  kind: CommitView['kind'],
): Promise<RatchetTree> => {
  const problem = leafProblem(path.leafNode, suite)
  if (problem !== undefined) throw new Void(problem)
  must(path.leafNode.leafNodeSource === 'commit', 'a path whose leaf is of another kind')
  must(sameDevice(identityOfLeaf(path.leafNode), committer), 'a path that changes the identity of a leaf')
  must(
    await verifyLeafNodeSignature(path.leafNode, state.groupContext.groupId, leaf, cs.signature),
    'a path leaf whose signature does not verify',
  )
  const steps = filteredDirectPathAndCopathResolution(toLeafIndex(leaf), tree)
  must(steps.length === path.nodes.length, 'a path of the wrong length')
  const sizes = SIZES[suite]
  for (const [index, { resolution }] of steps.entries()) {
    const node = path.nodes[index]
    must(node !== undefined && usablePublicKey(suite, node.hpkePublicKey), 'a path key that nobody can use')
    must(node.encryptedPathSecret.length === resolution.length, 'a path secret that is not encrypted for everybody')
    for (const { kemOutput, ciphertext } of node.encryptedPathSecret)
      must(
        kemOutput.length === sizes.kemOutput && ciphertext.length === sizes.secret + 16,
        'a path secret of the wrong size',
      )
  }
  // Compares the leaf's parent hash with the chain of the new path keys.
  return applyUpdatePath(tree, toLeafIndex(leaf), path, cs.hash, kind === 'external')
}
