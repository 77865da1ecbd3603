import { createCommit } from 'ts-mls/createCommit.js'
import { encodeMlsMessage } from 'ts-mls/message.js'
import type { Proposal } from 'ts-mls/proposal.js'
import { emptyPskIndex } from 'ts-mls/pskIndex.js'
import type { Change, Group, PendingCommit } from './engine.ts'
import { guarded, voided, wrongArgument } from './failures.ts'
import { activeInner, handleOf, type Inner } from './group.ts'
import { keyPackageProblem, parseKeyPackage } from './key-package.ts'
import { MAX_ADDED } from './limits.ts'
import { ownRatchets } from './ratchets.ts'
import { leafAt } from './tree.ts'

const proposalsOf = async ({ state, suite, cs }: Inner, ownLeaf: number, change: Change): Promise<Proposal[]> => {
  if (change.kind === 'update') return []
  if (change.kind === 'remove') {
    const leaves = new Set(change.leaves)
    if (leaves.size === 0 || leaves.size !== change.leaves.length) throw wrongArgument('leaves', 'name each leaf once')
    if (leaves.has(ownLeaf)) throw wrongArgument('leaves', 'a device does not remove itself')
    for (const leaf of leaves) if (!leafAt(state.ratchetTree, leaf)) throw wrongArgument('leaves', 'no device is there')
    return [...leaves].map((removed) => ({ proposalType: 'remove', remove: { removed } }))
  }
  if (change.keyPackages.length === 0 || change.keyPackages.length > MAX_ADDED)
    throw wrongArgument('keyPackages', `1 to ${MAX_ADDED} in one commit`)
  const proposals: Proposal[] = []
  for (const bytes of change.keyPackages) {
    const { keyPackage } = parseKeyPackage(bytes)
    const problem = await keyPackageProblem(keyPackage, suite, cs)
    if (problem !== undefined) throw voided(problem)
    proposals.push({ proposalType: 'add', add: { keyPackage } })
  }
  return proposals
}

/** A commit as a PublicMessage, so that everybody can judge it; its Welcome carries no tree. */
export const commit = async (group: Group, change: Change, authenticatedData: Uint8Array): Promise<PendingCommit> => {
  const inner = activeInner(group)
  const extraProposals = await proposalsOf(inner, group.ownLeaf, change)
  const made = await guarded(
    () =>
      createCommit(
        { state: inner.state, cipherSuite: inner.cs, pskIndex: emptyPskIndex },
        { wireAsPublicMessage: true, extraProposals, authenticatedData },
      ),
    (cause) => voided('the change breaks a rule of MLS', cause),
  )
  const state = { ...made.newState, historicalReceiverData: ownRatchets(made.newState.historicalReceiverData) }
  return {
    commit: encodeMlsMessage(made.commit),
    next: handleOf({ ...inner, state, consumed: made.consumed }),
    ...(made.welcome === undefined
      ? {}
      : { welcome: encodeMlsMessage({ version: 'mls10', wireformat: 'mls_welcome', welcome: made.welcome }) }),
  }
}
