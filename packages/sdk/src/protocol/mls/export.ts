import { encode } from 'ts-mls/codec/tlsEncoder.js'
import { createGroupInfoWithExternalPub } from 'ts-mls/createCommit.js'
import { groupContextEncoder } from 'ts-mls/groupContext.js'
import { mlsExporter } from 'ts-mls/keySchedule.js'
import { encodeMlsMessage } from 'ts-mls/message.js'
import { encodeRatchetTree } from 'ts-mls/ratchetTree.js'
import type { Group, GroupEngine, GroupPublic } from './engine.ts'
import { malformed, wrongArgument } from './failures.ts'
import { activeInner, innerOf } from './group.ts'
import { parseMessage } from './parse.ts'

/** What a rejoiner needs, and what a commit frame's HMAC covers. */
export const publicState = async (group: Group): Promise<GroupPublic> => {
  const { state, cs } = activeInner(group)
  const groupInfo = await createGroupInfoWithExternalPub(state, [], cs)
  const [external] = groupInfo.extensions
  if (external === undefined) throw wrongArgument('group', 'it has no external key')
  return {
    groupInfo: encodeMlsMessage({ version: 'mls10', wireformat: 'mls_group_info', groupInfo }),
    tree: encodeRatchetTree(state.ratchetTree),
    groupContext: encode(groupContextEncoder)(state.groupContext),
    externalPub: external.extensionData,
  }
}

export const readGroupInfo = (bytes: Uint8Array): ReturnType<GroupEngine['readGroupInfo']> => {
  const { groupContext, extensions } = parseMessage(bytes, 'mls_group_info', 'GroupInfo').groupInfo
  const [external] = extensions
  if (extensions.length !== 1 || external?.extensionType !== 'external_pub')
    throw malformed('GroupInfo', 'it holds something other than the external key')
  return {
    epoch: Number(groupContext.epoch),
    groupContext: encode(groupContextEncoder)(groupContext),
    externalPub: external.extensionData,
  }
}

export const exportSecret = async (group: Group, label: string, length: number): Promise<Uint8Array> => {
  const { state, cs } = innerOf(group)
  return mlsExporter(state.keySchedule.exporterSecret, label, new Uint8Array(), length, cs)
}
