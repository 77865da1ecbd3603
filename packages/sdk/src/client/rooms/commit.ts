import { DchatError, isDchatError } from '../../errors.ts'
import { encodedLog } from '../../protocol/identity/log.ts'
import { encodeCommitData } from '../../protocol/messages/commit-data.ts'
import { snapshotHash } from '../../protocol/messages/snapshot.ts'
import type { Change, PendingCommit } from '../../protocol/mls/engine.ts'
import { bindOf, encodeCommitFrame, signCommitFrame } from '../../protocol/topic/commit-frame.ts'
import { attachedHash, bodyHash, entryHash } from '../../protocol/topic/entry.ts'
import {
  type EpochKeys,
  EXPORTER_LABEL,
  epochKeysOf,
  TOPIC_SEED_LENGTH,
  topicKeyOf,
} from '../../protocol/topic/epoch-keys.ts'
import { wrapEntry } from '../../protocol/topic/wrap.ts'
import type { AttachedBlob, Params, Receipt } from '../../protocol/wire/methods.ts'
import type { Address } from '../../records/ids.ts'
import type { Core } from '../core.ts'
import type { PendingCommitRecord, RoomRecord } from '../records.ts'
import { epochOf, keysOf, putPendingGroup, type RoomSession } from './session.ts'
import { sealWelcome } from './welcome.ts'

const TIMEOUT = 30_000

export type Joiner = PendingCommitRecord['joiners'][number]

/** The identity logs that a commit's readers may miss ride inside it (identity.md). */
export const commitDataFor = async (core: Core, addresses: readonly Address[]): Promise<Uint8Array> => {
  const logs = [core.self.log]
  for (const address of new Set(addresses)) {
    const log = address === core.self.address ? undefined : await core.directory.get(address)
    if (log !== undefined) logs.push(log)
  }
  return encodeCommitData({ logs: logs.map((log) => encodedLog(log)) })
}

/**
 * Everything about a commit that must be durable before it leaves: wrapped body, signed frame, blobs, entry hash.
 * `keys` are those of the epoch that it ends.
 */
export const frameCommit = async (
  core: Core,
  record: Pick<RoomRecord, 'topic' | 'snapshot'>,
  epoch: number,
  keys: EpochKeys,
  made: PendingCommit,
  options: {
    readonly removed?: readonly string[]
    readonly joiners?: readonly Joiner[]
    readonly external?: boolean
  } = {},
): Promise<PendingCommitRecord> => {
  const { crypto, engine } = core
  const { topic, snapshot } = record
  const next = epochKeysOf(await engine.exportSecret(made.next, EXPORTER_LABEL, TOPIC_SEED_LENGTH))
  const { groupContext, externalPub, tree } = await engine.publicState(made.next)
  const welcome =
    made.welcome === undefined ? undefined : await sealWelcome(core, { welcome: made.welcome, tree, snapshot })
  const blobs: readonly AttachedBlob[] = welcome?.blobs ?? []
  const body = await wrapEntry(crypto, keys.wrapKey, { topic, kind: 'commit', epoch }, made.commit)
  const removed = options.removed ?? []
  const frame = encodeCommitFrame(
    await signCommitFrame(crypto, keys.topicSeed32, {
      topic,
      epoch,
      commit: bodyHash(body),
      nextKey: await topicKeyOf(crypto, next),
      removes: removed.length > 0,
      attached: blobs.map((blob) => ({ id: blob.id, hash: attachedHash(blob.body) })),
      bind: bindOf(next.bindKey, groupContext, externalPub, snapshotHash(snapshot)),
    }),
  )
  const reference = crypto.random(16)
  return {
    reference,
    body,
    frame,
    epoch,
    removed,
    blobs,
    joiners: options.joiners ?? [],
    entry: entryHash({ topic, kind: 'commit', epoch, reference, body, frame }),
    ...(welcome === undefined ? {} : { blobKey: welcome.key }),
    ...(options.external ? { external: true } : {}),
  }
}

/** Makes a commit in the room's epoch and stores it; nothing happens where another one is still on its way. */
const prepareCommit = (
  session: RoomSession,
  change: Change,
  options: { readonly removed?: readonly string[]; readonly joiners?: readonly Joiner[] },
): Promise<void> =>
  session.lock.run(async () => {
    const { core, record } = session
    if (record.pending !== undefined) return
    const group = session.member()
    const epoch = epochOf(record)
    const keys = keysOf(record, epoch)
    if (keys === undefined) throw new DchatError('conversation/not-member', { conversation: record.conversation })
    const people = (options.joiners ?? []).map(({ address }) => address)
    const made = await core.engine.commit(group, change, await commitDataFor(core, people))
    const pending = await frameCommit(core, record, epoch, keys, made, options)
    const next: RoomRecord = { ...record, pending }
    await core.store.write(async (tx) => {
      session.put(tx, next, group)
      putPendingGroup(tx, core, record.id, made.next)
    })
    session.pendingGroup = made.next
    session.settle(next, group)
  })

/**
 * Commits a change and resolves when the room has moved on from the epoch: by this commit or by another's that won.
 * The caller looks at the room again and repeats if its goal is not reached.
 */
export const commitChange = async (
  session: RoomSession,
  change: Change,
  options: { readonly removed?: readonly string[]; readonly joiners?: readonly Joiner[] } = {},
): Promise<void> => {
  await session.caughtUp.wait({ signal: session.core.signal })
  await prepareCommit(session, change, options)
  await publishPending(session)
}

/** Publishes the stored commit (again) and waits until its entry, or the winner's, was read. */
export const publishPending = async (session: RoomSession): Promise<void> => {
  const { core } = session
  const { pending, topic, hub } = session.record
  if (pending === undefined) return
  await session.prove({ signal: core.signal })
  try {
    const [receipt] = await publishCommit(core, hub.url, { topic }, pending)
    if (receipt !== undefined) await session.verify(receipt)
  } catch (error) {
    // Lost the race: the winner comes through the topic, and takes the pending commit away.
    if (!isDchatError(error, 'relay/wrong-epoch')) throw error
  }
  await session.until(({ state, pending: now }) => now === undefined || state !== 'open', { signal: core.signal })
  session.outgoing.open()
}

export const publishCommit = async (
  core: Core,
  relay: RoomRecord['hub']['url'],
  where: Pick<Params<'topic.publish'>, 'topic' | 'create'>,
  pending: PendingCommitRecord,
): Promise<readonly Receipt[]> => {
  const { reference, body, frame, epoch, blobs } = pending
  const { receipts } = await core.links
    .get(relay)
    .request(
      'topic.publish',
      { ...where, entries: [{ kind: 'commit', epoch, reference, body, frame }], attach: blobs },
      { signal: core.signal, timeout: TIMEOUT },
    )
  return receipts
}
