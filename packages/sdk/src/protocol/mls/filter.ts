import type { KeyPackage } from 'ts-mls/keyPackage.js'
import type { Proposal } from 'ts-mls/proposal.js'
import type { PublicMessage } from 'ts-mls/publicMessage.js'
import type { UpdatePath } from 'ts-mls/updatePath.js'
import { MAX_ADDED } from './limits.ts'

/** What groups.md lets through, read from the public content alone. */
export type Passed =
  | { readonly kind: 'add'; readonly sender: number; readonly keyPackages: readonly KeyPackage[] }
  | { readonly kind: 'remove'; readonly sender: number; readonly leaves: readonly number[]; readonly path: UpdatePath }
  | { readonly kind: 'update'; readonly sender: number; readonly path: UpdatePath }
  | { readonly kind: 'external'; readonly replaced: number; readonly path: UpdatePath }

/**
 * Passes a member's commit with inline Adds only, inline Removes only or nothing but a path, and an external commit
 * that replaces one leaf. Everything else is refused before the library sees it: standalone, by-reference, external
 * and custom proposals, ReInit, PSK, GroupContextExtensions, Update proposals, and mixtures. Returns the reason.
 */
export const filterCommit = ({ content }: PublicMessage): Passed | string => {
  if (content.contentType !== 'commit') return 'a message that is not a commit'
  const { sender, commit } = content
  const proposals: Proposal[] = []
  for (const item of commit.proposals) {
    if (item.proposalOrRefType !== 'proposal') return 'a proposal by reference'
    proposals.push(item.proposal)
  }
  if (sender.senderType === 'new_member_commit') return external(proposals, commit.path)
  if (sender.senderType !== 'member') return 'a commit of somebody who is no member'
  return byMember(sender.leafIndex, proposals, commit.path)
}

const byMember = (sender: number, proposals: readonly Proposal[], path: UpdatePath | undefined): Passed | string => {
  if (proposals.length === 0)
    return path === undefined ? 'an empty commit without a path' : { kind: 'update', sender, path }
  const keyPackages: KeyPackage[] = []
  const leaves: number[] = []
  for (const proposal of proposals) {
    if (proposal.proposalType === 'add' && 'add' in proposal) keyPackages.push(proposal.add.keyPackage)
    else if (proposal.proposalType === 'remove' && 'remove' in proposal) leaves.push(proposal.remove.removed)
    else return 'a proposal of a kind that is not allowed'
  }
  if (leaves.length === 0) {
    // Nobody here writes one, and it would let a commit that looks like an Add change the committer's leaf too.
    if (path !== undefined) return 'an Add with a path'
    if (keyPackages.length > MAX_ADDED) return 'too many Adds in one commit'
    return { kind: 'add', sender, keyPackages }
  }
  if (keyPackages.length > 0) return 'Adds and Removes in one commit'
  if (path === undefined) return 'a Remove without a path'
  return { kind: 'remove', sender, leaves, path }
}

const external = (proposals: readonly Proposal[], path: UpdatePath | undefined): Passed | string => {
  if (path === undefined) return 'an external commit without a path'
  let initiated = 0
  const removed: number[] = []
  for (const proposal of proposals) {
    if (proposal.proposalType === 'external_init') initiated++
    else if (proposal.proposalType === 'remove' && 'remove' in proposal) removed.push(proposal.remove.removed)
    else return 'an external commit with a proposal that is not allowed'
  }
  if (initiated !== 1 || removed.length > 1) return 'an external commit that is not one ExternalInit and one Remove'
  // A device that is no leaf asks a member; one that is a leaf replaces it.
  const [replaced] = removed
  return replaced === undefined ? 'an external commit that replaces no leaf' : { kind: 'external', replaced, path }
}
