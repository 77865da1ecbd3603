import { judgeControl } from '../../domain/rooms/control.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import { encodedLog, type IdentityLog } from '../../protocol/identity/log.ts'
import { encodeCommitData } from '../../protocol/messages/commit-data.ts'
import type { ControlChange } from '../../protocol/messages/control-change.ts'
import { encodeSnapshot, type Snapshot, snapshotHash } from '../../protocol/messages/snapshot.ts'
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
import { toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import type { PendingCommitRecord, RoomRecord } from '../records.ts'
import { leavers } from './judge-commit.ts'
import { epochOf, keysOf, putPendingGroup, type RoomSession } from './session.ts'
import { sealWelcome } from './welcome.ts'

const TIMEOUT = 30_000
/** Logs of other people that one commit carries beyond those that it concerns. */
const NEWS = 16

export type Joiner = PendingCommitRecord['joiners'][number]

/** What a commit does: to the tree, and to the conversation. */
export interface Plan {
  readonly change: Change
  readonly changes?: readonly ControlChange[]
  readonly joiners?: readonly Joiner[]
}

/** The own log and those of the people that a commit concerns: its readers judge by nothing else (groups.md). */
export const logsFor = async (
  core: Pick<Core, 'self' | 'directory'>,
  addresses: readonly Address[],
): Promise<ReadonlyMap<Address, IdentityLog>> => {
  const logs = new Map<Address, IdentityLog>([[core.self.address, core.self.log]])
  for (const address of addresses) {
    const log = logs.has(address) ? undefined : await core.directory.get(address)
    if (log !== undefined) logs.set(address, log)
  }
  return logs
}

export const commitDataOf = (
  logs: ReadonlyMap<Address, IdentityLog>,
  changes: readonly ControlChange[] = [],
): Uint8Array => encodeCommitData({ logs: [...logs.values()].map((log) => encodedLog(log)), changes })

/**
 * Everything about a commit that must be durable before it leaves: wrapped body, signed frame, blobs, entry hash.
 * `keys` are those of the epoch that it ends; `where.snapshot` is the control state after it.
 */
export const frameCommit = async (
  core: Core,
  where: { readonly topic: Uint8Array; readonly snapshot: Snapshot },
  epoch: number,
  keys: EpochKeys,
  made: PendingCommit,
  options: {
    readonly removed?: readonly string[]
    readonly joiners?: readonly Joiner[]
    readonly changes?: readonly ControlChange[]
    readonly external?: boolean
  } = {},
): Promise<PendingCommitRecord> => {
  const { crypto, engine } = core
  const { topic, snapshot } = where
  const encoded = encodeSnapshot(snapshot)
  const next = epochKeysOf(await engine.exportSecret(made.next, EXPORTER_LABEL, TOPIC_SEED_LENGTH))
  const { groupContext, externalPub, tree } = await engine.publicState(made.next)
  const { welcome } = made
  const logs =
    welcome === undefined
      ? undefined
      : await logsFor(
          core,
          snapshot.people.map(({ address }) => address),
        )
  const sealed =
    welcome === undefined || logs === undefined
      ? undefined
      : await sealWelcome(core, { welcome, tree, snapshot: encoded, logs: [...logs.values()].map(encodedLog) })
  const blobs: readonly AttachedBlob[] = sealed?.blobs ?? []
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
      bind: bindOf(next.bindKey, groupContext, externalPub, snapshotHash(encoded)),
    }),
  )
  const reference = crypto.random(16)
  return {
    reference,
    body,
    frame,
    epoch,
    removed,
    snapshot,
    changes: options.changes ?? [],
    blobs,
    joiners: options.joiners ?? [],
    entry: entryHash({ topic, kind: 'commit', epoch, reference, body, frame }),
    ...(sealed === undefined ? {} : { blobKey: sealed.key }),
    ...(options.external ? { external: true } : {}),
  }
}

/**
 * The commit that a plan makes in the room's present epoch. Throws `conversation/not-permitted` where the others would
 * call it void, and `conversation/not-member`.
 */
export const makeCommit = async (
  session: RoomSession,
  { change, changes = [], joiners = [] }: Plan,
  where: { readonly topic: Uint8Array; readonly voided?: NonNullable<RoomRecord['successor']> },
): Promise<{ pending: PendingCommitRecord; made: PendingCommit }> => {
  const { core, record, snapshot, group } = session
  const epoch = epochOf(record)
  const keys = keysOf(record, epoch)
  if (keys === undefined || group === undefined)
    throw new DchatError('conversation/not-member', { conversation: record.conversation })
  const removed = change.kind === 'remove' ? group.members.filter(({ leaf }) => change.leaves.includes(leaf)) : []
  const logs = await logsFor(core, [
    ...[...joiners, ...removed].map(({ address }) => address),
    ...newsOf(session).slice(0, NEWS),
  ])
  const view = {
    kind: change.kind,
    epoch,
    committer: { address: core.self.address, deviceKey: core.self.record.deviceKey },
    added: joiners,
    removed,
  }
  const left = await leavers(core, snapshot, group.members, changes)
  const { voided } = where
  const next = judgeControl(snapshot, {
    view,
    members: group.members,
    changes,
    logs,
    left,
    ...(voided === undefined ? {} : { voided }),
  })
  if (typeof next === 'string') throw new DchatError('conversation/not-permitted', { reason: next })
  const made = await core.engine.commit(group, change, commitDataOf(logs, changes))
  const gone = removed.map(({ deviceKey }) => toHex(deviceKey))
  const options = { removed: gone, joiners, changes }
  const pending = await frameCommit(core, { topic: where.topic, snapshot: next }, epoch, keys, made, options)
  return { pending, made }
}

/** People whose log has grown, by what messages named, since a commit last carried it: joiners must know of it too. */
const newsOf = ({ control: { named, snapshot } }: RoomSession): readonly Address[] =>
  snapshot.people.flatMap(({ address, log }) => ((named[address] ?? 0) > log ? [address] : []))

/** Makes a commit in the room's epoch and stores it; nothing happens where another one is still on its way. */
const prepareCommit = (session: RoomSession, plan: Plan): Promise<void> =>
  session.lock.run(async () => {
    const { core, record } = session
    if (record.pending !== undefined) return
    session.member()
    const { pending, made } = await makeCommit(session, plan, { topic: record.topic })
    const next: RoomRecord = { ...record, pending }
    await core.store.write(async (tx) => {
      session.put(tx, { record: next })
      putPendingGroup(tx, core, record.id, made.next)
    })
    session.pendingGroup = made.next
    session.settle({ record: next })
  })

/**
 * Commits a change and resolves when the room has moved on from the epoch: by this commit or by another's that won.
 * The caller looks at the room again and repeats if its goal is not reached.
 */
export const commitChange = async (session: RoomSession, plan: Plan): Promise<void> => {
  await session.caughtUp.wait({ signal: session.core.signal })
  await prepareCommit(session, plan)
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
  pending: Pick<PendingCommitRecord, 'reference' | 'body' | 'frame' | 'epoch' | 'blobs'>,
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
