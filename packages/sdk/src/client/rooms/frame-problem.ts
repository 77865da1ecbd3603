import { encodeSnapshot, type Snapshot, snapshotHash } from '../../protocol/messages/snapshot.ts'
import { bindOf, type CommitFrame } from '../../protocol/topic/commit-frame.ts'
import { epochKeysOf, topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { Core } from '../core.ts'

/** The frame's next key and HMAC against the state that a commit led to; undefined if they agree. */
export const frameProblem = async (
  crypto: Core['crypto'],
  frame: CommitFrame,
  seed: Uint8Array,
  { groupContext, externalPub }: { readonly groupContext: Uint8Array; readonly externalPub: Uint8Array },
  snapshot: Snapshot,
): Promise<string | undefined> => {
  const keys = epochKeysOf(seed)
  if (!equalBytes(await topicKeyOf(crypto, keys), frame.nextKey)) return 'its frame names another next key'
  const bind = bindOf(keys.bindKey, groupContext, externalPub, snapshotHash(encodeSnapshot(snapshot)))
  return equalBytes(bind, frame.bind) ? undefined : 'its frame is bound to another group state'
}
