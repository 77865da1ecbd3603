import { processPublicMessage } from 'ts-mls/processMessages.js'
import { emptyPskIndex } from 'ts-mls/pskIndex.js'
import { equalBytes } from '../../util/bytes.ts'
import type { Group, Verdict } from './engine.ts'
import { guarded, undecryptable, voided, wrongArgument } from './failures.ts'
import { activeInner, handleOf } from './group.ts'
import { judgementOf } from './judge.ts'

/**
 * Applies a judged commit. A removal of this device is read from the judged proposals, never from what the library
 * reports: it can report one for a commit that it could not even verify. The removed device keeps its last state,
 * read-only.
 */
export const apply = async (group: Group, commit: Uint8Array, verdict: Verdict): Promise<Group> => {
  const inner = activeInner(group)
  const { state, cs } = inner
  if (verdict.verdict === 'void') throw voided(verdict.reason)
  const judgement = judgementOf(verdict)
  if (
    judgement === undefined ||
    judgement.epoch !== state.groupContext.epoch ||
    !equalBytes(judgement.message.content.groupId, state.groupContext.groupId) ||
    !equalBytes(judgement.parentTreeHash, state.groupContext.treeHash) ||
    !equalBytes(judgement.commit, commit)
  )
    throw wrongArgument('verdict', 'it was not passed on a commit of this state')
  const { view, message } = judgement
  if (judgement.gone.includes(group.ownLeaf))
    return handleOf({ ...inner, state: { ...state, groupActiveState: { kind: 'removedFromGroup' } }, consumed: [] })
  if (view.kind !== 'external' && view.committer.leaf === group.ownLeaf)
    throw undecryptable(view.epoch, 'this device made the commit; its pending state goes on')
  const failed = (reason: string, cause?: unknown) => undecryptable(view.epoch, reason, cause)
  const { newState, consumed } = await guarded(
    () => processPublicMessage(state, message, emptyPskIndex, cs),
    (cause) => failed('the path or the confirmation of the commit does not verify', cause),
  )
  if (newState.groupActiveState.kind !== 'active' || !equalBytes(newState.groupContext.treeHash, judgement.treeHash))
    throw failed('the state after the commit is not the one that was judged')
  return handleOf({ ...inner, state: newState, consumed })
}
