import type { ClientState } from 'ts-mls/clientState.js'
import type { CiphersuiteImpl } from 'ts-mls/crypto/ciphersuite.js'
import { DchatError } from '../../errors.ts'
import { toHex } from '../../util/bytes.ts'
import type { Group, Suite } from './engine.ts'
import { wrongArgument } from './failures.ts'
import { membersOf } from './tree.ts'

/** What stands behind a handle. It is kept beside the handle, so that no record or log can ever hold it. */
export interface Inner {
  readonly state: ClientState
  readonly suite: Suite
  readonly cs: CiphersuiteImpl
  /** Secrets that the operation which made this handle has used up. */
  readonly consumed: readonly Uint8Array[]
}

const inners = new WeakMap<Group, Inner>()

export const handleOf = (inner: Inner): Group => {
  const { state, suite } = inner
  const group: Group = Object.freeze({
    suite,
    id: new Uint8Array(state.groupContext.groupId),
    epoch: Number(state.groupContext.epoch),
    ownLeaf: state.privatePath.leafIndex,
    members: membersOf(state.ratchetTree),
    authenticator: new Uint8Array(state.keySchedule.epochAuthenticator),
    active: state.groupActiveState.kind === 'active',
  })
  inners.set(group, inner)
  return group
}

export const innerOf = (group: Group): Inner => {
  const inner = inners.get(group)
  if (inner === undefined) throw wrongArgument('group', 'this engine did not make it')
  return inner
}

/** The state behind a handle that may still write. */
export const activeInner = (group: Group): Inner => {
  if (!group.active) throw new DchatError('conversation/not-member', { conversation: toHex(group.id) })
  return innerOf(group)
}

/** Zeroes what the operation that made this handle has used up. The state before it cannot go on after this. */
export const forget = (group: Group): void => {
  for (const secret of innerOf(group).consumed) secret.fill(0)
}
