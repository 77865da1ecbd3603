import { encodeSnapshot, type Snapshot, snapshotHash } from '../../protocol/messages/snapshot.ts'
import type { Group } from '../../protocol/mls/engine.ts'
import {
  bindOf,
  encodeCommitFrame,
  signCommitFrame,
  type UnsignedCommitFrame,
} from '../../protocol/topic/commit-frame.ts'
import { bodyHash } from '../../protocol/topic/entry.ts'
import { EXPORTER_LABEL, epochKeysOf, TOPIC_SEED_LENGTH, topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import { wrapEntry } from '../../protocol/topic/wrap.ts'
import type { EntryUpload } from '../../protocol/wire/methods.ts'
import type { HostileMember } from './member.ts'

/** What a commit's frame says of the state after it. */
export interface After {
  readonly next: Group
  readonly snapshot: Snapshot
}

/** The entry of a commit, with a frame that is true to `after` unless `lies` say otherwise; without `after`, it is noise. */
export const commitEntry = async (
  { crypto, engine, keys, room, group }: HostileMember,
  commit: Uint8Array,
  after: After | undefined,
  lies: Partial<UnsignedCommitFrame> = {},
  topic: Uint8Array = room.topic,
): Promise<EntryUpload> => {
  const { epoch } = group
  const body = await wrapEntry(crypto, keys.wrapKey, { topic, kind: 'commit', epoch }, commit)
  const truth = after === undefined ? noise(crypto) : await truthOf({ crypto, engine }, after)
  const frame = await signCommitFrame(crypto, keys.topicSeed32, {
    topic,
    epoch,
    commit: bodyHash(body),
    removes: false,
    attached: [],
    ...truth,
    ...lies,
  })
  return { kind: 'commit', epoch, reference: crypto.random(16), body, frame: encodeCommitFrame(frame) }
}

const noise = ({ random }: HostileMember['crypto']) => ({ nextKey: random(32), bind: random(32) })

const truthOf = async (
  { crypto, engine }: Pick<HostileMember, 'crypto' | 'engine'>,
  { next, snapshot }: After,
): Promise<Pick<UnsignedCommitFrame, 'nextKey' | 'bind'>> => {
  const keys = epochKeysOf(await engine.exportSecret(next, EXPORTER_LABEL, TOPIC_SEED_LENGTH))
  const { groupContext, externalPub } = await engine.publicState(next)
  return {
    nextKey: await topicKeyOf(crypto, keys),
    bind: bindOf(keys.bindKey, groupContext, externalPub, snapshotHash(encodeSnapshot(snapshot))),
  }
}
