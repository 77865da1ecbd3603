import type { ClientConfig } from 'ts-mls/clientConfig.js'
import { createGroup, joinGroup } from 'ts-mls/clientState.js'
import { joinGroupExternal } from 'ts-mls/createCommit.js'
import type { GroupContext } from 'ts-mls/groupContext.js'
import { encodeMlsMessage } from 'ts-mls/message.js'
import { emptyPskIndex } from 'ts-mls/pskIndex.js'
import { DchatError } from '../../errors.ts'
import { toHex } from '../../util/bytes.ts'
import { identityOfLeaf, sameDevice } from './credential.ts'
import type { Group, KeyPackagePair, PendingCommit } from './engine.ts'
import { guarded, refusedOrUndecryptable, voided, wrongArgument } from './failures.ts'
import { handleOf } from './group.ts'
import { openPair } from './key-package.ts'
import { parseMessage, parseTree } from './parse.ts'
import { type LoadSuite, MLS_NAMES } from './suites.ts'
import { keysAreUsable, membersOf } from './tree.ts'

const isGroupId = (id: Uint8Array) => id.length >= 16 && id.length <= 64

/** What no honest member writes into a group context. Extensions could let strangers propose. */
const contextProblem = ({ groupId, epoch, extensions }: GroupContext): string | undefined => {
  if (extensions.length > 0) return 'a group with extensions'
  if (!isGroupId(groupId)) return 'a group id of an unusual length'
  return epoch >= BigInt(Number.MAX_SAFE_INTEGER) ? 'an epoch that nobody reaches' : undefined
}

export const create = async (
  load: LoadSuite,
  config: ClientConfig,
  id: Uint8Array,
  own: KeyPackagePair,
): Promise<Group> => {
  const { suite, keyPackage, privateKeys } = openPair(own)
  const cs = await load(suite)
  if (!isGroupId(id)) throw wrongArgument('id', 'a group id has 16 to 64 bytes')
  const state = await createGroup(new Uint8Array(id), keyPackage, privateKeys, [], cs, config)
  return handleOf({ state, suite, cs, consumed: [] })
}

export const join = async (
  load: LoadSuite,
  config: ClientConfig,
  welcome: Uint8Array,
  tree: Uint8Array,
  own: KeyPackagePair,
): Promise<Group> => {
  const { suite, keyPackage, privateKeys } = openPair(own)
  const cs = await load(suite)
  const message = parseMessage(welcome, 'mls_welcome', 'Welcome').welcome
  if (message.cipherSuite !== MLS_NAMES[suite]) throw voided('a Welcome of another cipher suite')
  const ratchetTree = parseTree(tree)
  const state = await guarded(
    () => joinGroup(message, keyPackage, privateKeys, emptyPskIndex, cs, ratchetTree, undefined, config),
    refusedOrUndecryptable('Welcome', 0),
  )
  const problem = contextProblem(state.groupContext)
  if (problem !== undefined) throw voided(problem)
  // A tree inside the Welcome would not be the one that was handed in.
  if (state.ratchetTree !== ratchetTree) throw voided('a Welcome with a tree of its own')
  if (!keysAreUsable(ratchetTree, suite)) throw voided('a tree with a key that nobody can use')
  return handleOf({ state, suite, cs, consumed: [privateKeys.initPrivateKey] })
}

/** Replaces this device's leaf from outside. A device that is no leaf does not commit in: it asks a member. */
export const externalCommit = async (
  load: LoadSuite,
  config: ClientConfig,
  shared: { groupInfo: Uint8Array; tree: Uint8Array },
  own: KeyPackagePair,
  authenticatedData: Uint8Array,
): Promise<PendingCommit> => {
  const { suite, keyPackage, privateKeys } = openPair(own)
  const cs = await load(suite)
  const { groupInfo } = parseMessage(shared.groupInfo, 'mls_group_info', 'GroupInfo')
  const { groupContext, extensions } = groupInfo
  if (groupContext.cipherSuite !== MLS_NAMES[suite]) throw voided('a group of another cipher suite')
  const problem = contextProblem(groupContext)
  if (problem !== undefined) throw voided(problem)
  if (extensions.length !== 1 || extensions[0]?.extensionType !== 'external_pub')
    throw voided('a GroupInfo that holds something other than the external key')
  const tree = parseTree(shared.tree)
  const identity = identityOfLeaf(keyPackage.leafNode)
  // The library would never return for a device that is not in the tree.
  if (!membersOf(tree).some((member) => sameDevice(member, identity)))
    throw new DchatError('conversation/not-member', { conversation: toHex(groupContext.groupId) })
  if (!keysAreUsable(tree, suite)) throw voided('a tree with a key that nobody can use')
  const { publicMessage, newState } = await guarded(
    () => joinGroupExternal(groupInfo, keyPackage, privateKeys, true, cs, tree, config, authenticatedData),
    refusedOrUndecryptable('GroupInfo', Number(groupContext.epoch)),
  )
  return {
    commit: encodeMlsMessage({ version: 'mls10', wireformat: 'mls_public_message', publicMessage }),
    next: handleOf({ state: newState, suite, cs, consumed: [privateKeys.initPrivateKey] }),
  }
}
