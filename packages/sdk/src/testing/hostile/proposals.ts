import type { ClientState } from 'ts-mls/clientState.js'
import { createContentCommitSignature } from 'ts-mls/framedContent.js'
import { decodeMlsMessage, encodeMlsMessage } from 'ts-mls/message.js'
import { protectPublicMessage } from 'ts-mls/messageProtectionPublic.js'
import type { Proposal } from 'ts-mls/proposal.js'
import type { UpdatePath } from 'ts-mls/updatePath.js'
import { innerOf } from '../../protocol/mls/group.ts'
import type { EntryUpload } from '../../protocol/wire/methods.ts'
import { commitData, honestCommit } from './commits.ts'
import { commitEntry } from './frame.ts'
import type { HostileMember } from './member.ts'

/** Kinds of proposals that no commit may carry. */
export const FORBIDDEN = ['reinit', 'group_context_extensions', 'psk', 'custom', 'by-reference', 'update'] as const
export type Forbidden = (typeof FORBIDDEN)[number]

/** A commit that is signed and tagged by the member, and carries what none may; proven. */
export const forbiddenProposal = async (member: HostileMember, kind: Forbidden): Promise<EntryUpload> => {
  const path = await pathOf(member)
  const reference = { proposalOrRefType: 'reference', reference: member.crypto.random(32) }
  const proposals =
    kind === 'by-reference'
      ? [reference]
      : [{ proposalOrRefType: 'proposal', proposal: proposalOf(member, kind, path) }]
  return commitEntry(member, await signedCommit(member, proposals, path), undefined)
}

const proposalOf = (
  { crypto, group }: HostileMember,
  kind: Exclude<Forbidden, 'by-reference'>,
  { leafNode }: UpdatePath,
): Proposal => {
  switch (kind) {
    case 'reinit': {
      const cipherSuite = 'MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519'
      return {
        proposalType: 'reinit',
        reinit: { groupId: crypto.random(32), version: 'mls10', cipherSuite, extensions: [] },
      }
    }
    case 'group_context_extensions':
      return { proposalType: 'group_context_extensions', groupContextExtensions: { extensions: [] } }
    case 'psk': {
      const preSharedKeyId = { psktype: 'external', pskId: group.id, pskNonce: crypto.random(32) } as const
      return { proposalType: 'psk', psk: { preSharedKeyId } }
    }
    case 'custom':
      return { proposalType: 0xf0db, proposalData: crypto.random(8) } as unknown as Proposal
    case 'update':
      return {
        proposalType: 'update',
        update: { leafNode: { ...leafNode, leafNodeSource: 'update' } },
      } as unknown as Proposal
  }
}

/** An external commit in which the member would put itself into another device's place; its author is its own leaf key. */
export const externalTheft = async (member: HostileMember, victim: number): Promise<EntryUpload> => {
  const path = await pathOf(member)
  const proposals = [
    {
      proposalOrRefType: 'proposal',
      proposal: { proposalType: 'external_init', externalInit: { kemOutput: member.crypto.random(32) } },
    },
    { proposalOrRefType: 'proposal', proposal: { proposalType: 'remove', remove: { removed: victim } } },
  ]
  return commitEntry(
    member,
    await signedCommit(member, proposals, path, { senderType: 'new_member_commit' }),
    undefined,
    {
      removes: true,
    },
  )
}

const pathOf = async (member: HostileMember): Promise<UpdatePath> => {
  const { commit } = await honestCommit(member, { kind: 'update' })
  const message = decodeMlsMessage(commit, 0)?.[0]
  if (message?.wireformat !== 'mls_public_message' || message.publicMessage.content.contentType !== 'commit')
    throw new Error('an update is a public commit')
  const { path } = message.publicMessage.content.commit
  if (path === undefined) throw new Error('an update has a path')
  return path
}

/** Any content, signed and tagged by the member. The confirmation tag is nonsense: nobody gets there. */
const signedCommit = async (
  member: HostileMember,
  proposals: readonly unknown[],
  path: UpdatePath,
  sender: unknown = { senderType: 'member', leafIndex: member.group.ownLeaf },
): Promise<Uint8Array> => {
  const { state, cs }: { state: ClientState; cs: ReturnType<typeof innerOf>['cs'] } = innerOf(member.group)
  const wireformat = 'mls_public_message'
  const { framedContent, signature } = await createContentCommitSignature(
    state.groupContext,
    wireformat,
    { proposals, path } as never,
    sender as never,
    commitData(member),
    state.signaturePrivateKey,
    cs.signature,
  )
  const auth = { contentType: 'commit' as const, signature, confirmationTag: new Uint8Array(cs.kdf.size) }
  const content = { wireformat, content: framedContent, auth } as const
  const publicMessage = await protectPublicMessage(
    state.keySchedule.membershipKey,
    state.groupContext,
    content as never,
    cs,
  )
  return encodeMlsMessage({ version: 'mls10', wireformat, publicMessage })
}
