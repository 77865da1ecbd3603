import type { ClientState } from 'ts-mls/clientState.js'
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js'
import { createContentCommitSignature } from 'ts-mls/framedContent.js'
import { decodeMlsMessage, encodeMlsMessage } from 'ts-mls/message.js'
import { protectPublicMessage } from 'ts-mls/messageProtectionPublic.js'
import type { Proposal } from 'ts-mls/proposal.js'
import type { ProposalOrRef } from 'ts-mls/proposalOrRefType.js'
import type { PublicMessage } from 'ts-mls/publicMessage.js'
import type { Sender } from 'ts-mls/sender.js'
import type { UpdatePath } from 'ts-mls/updatePath.js'
import type { Group } from '../../src/protocol/mls/engine.ts'
import { type Inner, innerOf } from '../../src/protocol/mls/group.ts'
import { AAD } from './support.ts'

/** What an evil member has: the whole state behind its handle. */
export const stolen = (group: Group): Inner => innerOf(group)

export const inline = (proposal: Proposal): ProposalOrRef => ({ proposalOrRefType: 'proposal', proposal })

export const publicMessageOf = (bytes: Uint8Array): PublicMessage => {
  const message = decodeMlsMessage(bytes, 0)?.[0]
  if (message?.wireformat !== 'mls_public_message') throw new Error('not a public message')
  return message.publicMessage
}

export const pathOf = (commit: Uint8Array): UpdatePath => {
  const { content } = publicMessageOf(commit)
  if (content.contentType !== 'commit' || content.commit.path === undefined) throw new Error('no path')
  return content.commit.path
}

/** A commit with any content, signed and tagged by a real member. Its confirmation tag is nonsense: nobody gets there. */
export const forgeCommit = async (
  { state, cs }: { state: ClientState; cs: CiphersuiteImpl },
  proposals: ProposalOrRef[],
  path: UpdatePath | undefined,
  {
    sender = { senderType: 'member', leafIndex: state.privatePath.leafIndex },
    signKey = state.signaturePrivateKey,
    context = state.groupContext,
  }: { sender?: Sender; signKey?: Uint8Array; context?: ClientState['groupContext'] } = {},
): Promise<Uint8Array> => {
  const wireformat = 'mls_public_message'
  const { framedContent, signature } = await createContentCommitSignature(
    context,
    wireformat,
    { proposals, path } as never,
    sender as never,
    AAD,
    signKey,
    cs.signature,
  )
  const auth = { contentType: 'commit' as const, signature, confirmationTag: new Uint8Array(cs.kdf.size) }
  const content = { wireformat, content: framedContent, auth } as const
  const publicMessage = await protectPublicMessage(state.keySchedule.membershipKey, context, content as never, cs)
  return encodeMlsMessage({ version: 'mls10', wireformat, publicMessage })
}
