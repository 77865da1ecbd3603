import { type DchatError, isDchatError, isRelayFault } from '../../errors.ts'
import { encodedLog, type IdentityLog } from '../../protocol/identity/log.ts'
import type { Move } from '../../protocol/inbox/moves.ts'
import { encodeCommitData } from '../../protocol/messages/commit-data.ts'
import type { ControlChange } from '../../protocol/messages/control-change.ts'
import { encodeSnapshot, type Snapshot, snapshotHash } from '../../protocol/messages/snapshot.ts'
import type { Change, PendingCommit } from '../../protocol/mls/engine.ts'
import { bindOf, type CommitFrame, encodeCommitFrame, signCommitFrame } from '../../protocol/topic/commit-frame.ts'
import { attachedHash, bodyHash, entryHash } from '../../protocol/topic/entry.ts'
import {
  type EpochKeys,
  EXPORTER_LABEL,
  epochKeysOf,
  TOPIC_SEED_LENGTH,
  topicKeyOf,
} from '../../protocol/topic/epoch-keys.ts'
import { wrapEntry } from '../../protocol/topic/wrap.ts'
import type { CborValue } from '../../protocol/wire/cbor.ts'
import type { AttachedBlob, EntryUpload, Params, Receipt } from '../../protocol/wire/methods.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import type { PendingCommitRecord, RoomRecord } from '../records.ts'
import { dropPendingGroup, type RoomSession, showNewestKey } from './session.ts'
import { sealWelcome, welcomeBody } from './welcome.ts'

const TIMEOUT = 30_000
const RETRY = 1_000
/** ms between two looks at a commit that waits for others: they publish it, and whoever asked reads that in the topic. */
const APPROVAL_LOOK = 30_000

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

export const commitDataOf = (logs: ReadonlyMap<Address, IdentityLog>, changes: readonly CborValue[] = []): Uint8Array =>
  encodeCommitData(
    [...logs.values()].map((log) => encodedLog(log)),
    changes,
  )

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
    readonly commitKey?: CommitFrame['commitKey']
    readonly heard?: readonly Address[]
    readonly moves?: readonly Move[]
  } = {},
): Promise<PendingCommitRecord> => {
  const { crypto, engine } = core
  const { topic, snapshot } = where
  const encoded = encodeSnapshot(snapshot)
  const next = epochKeysOf(await engine.exportSecret(made.next, EXPORTER_LABEL, TOPIC_SEED_LENGTH))
  const { groupContext, externalPub, tree } = await engine.publicState(made.next)
  const { welcome } = made
  const body = await wrapEntry(crypto, keys.wrapKey, { topic, kind: 'commit', epoch }, made.commit)
  const { heard = [core.self.address], moves = [] } = options
  const parts = { tree, snapshot: encoded, heard, ...(moves.length > 0 && { moves }) }
  const sealed =
    welcome === undefined
      ? undefined
      : await sealWelcome(core, await welcomeBody(core, snapshot, { welcome, ...parts }, body.length))
  const blobs: readonly AttachedBlob[] = sealed?.blobs ?? []
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
      ...(options.commitKey === undefined ? {} : { commitKey: options.commitKey }),
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
 * Publishes the stored commit (again) and resolves when its entry, or the winner's, was read: with its reference if it
 * got in. Callers that come meanwhile share the attempt.
 */
export const publishPending = (session: RoomSession): Promise<Uint8Array | undefined> => {
  session.publishing ??= publish(session).finally(() => {
    session.publishing = undefined
  })
  return session.publishing
}

const publish = async (session: RoomSession): Promise<Uint8Array | undefined> => {
  const { core } = session
  const { signal } = core
  const { pending, topic, hub, state } = session.record
  if (pending === undefined || state !== 'open') return undefined
  const isFree = session.snapshot.commitKey === undefined || session.record.seq === 0
  const approval = isFree ? {} : await (await import('../later.ts')).approvalFor(session, pending)
  await core.links.reach(hub.url, { signal })
  await showNewestKey(session)
  let won = false
  // Of a lost race one more entry is due, of a won one all up to the own.
  let due = session.record.seq + 1
  try {
    const [receipt] = await publishCommit(
      core,
      hub.url,
      { topic, after: session.record.seq },
      { ...pending, ...approval },
    )
    if (receipt !== undefined) await session.verify(receipt)
    won = receipt !== undefined
    due = receipt?.seq ?? due
  } catch (error) {
    // Lost the race: the winner comes through the topic, and takes the pending commit away.
    if (!isDchatError(error, 'relay/wrong-epoch')) {
      if (isDchatError(error) && isRefusal(error)) await dropPending(session, pending.reference)
      throw error
    }
  }
  const isOver = (record: RoomRecord) =>
    record.state !== 'open' || record.pending === undefined || !equalBytes(record.pending.reference, pending.reference)
  await session.reach(due, isOver, { signal })
  await session.until(isOver, { signal })
  session.outgoing.open()
  return won ? pending.reference : undefined
}

/** The relay will never take it. A key that it does not know is another matter: the entry that changed it is still to come. */
const isRefusal = (error: DchatError): boolean =>
  !error.retryable &&
  /^(relay|protocol)\//.test(error.code) &&
  error.code !== 'relay/not-permitted' &&
  !isRelayFault(error)

/** Nothing goes out in a room while a commit is on its way, so one that never will is given up. */
const dropPending = (session: RoomSession, reference: Uint8Array): Promise<void> =>
  session.lock.run(async () => {
    const { core, record } = session
    const { pending, ...rest } = record
    if (pending === undefined || !equalBytes(pending.reference, reference)) return
    await core.store.write(async (tx) => {
      session.put(tx, { record: rest })
      dropPendingGroup(tx, record.id)
    })
    session.pendingGroup = undefined
    session.settle({ record: rest })
    session.outgoing.open()
  })

/** Brings a stored commit out, however often the link breaks: until then nothing else is sent in the room. */
export const commitLoop = async (session: RoomSession, signal: AbortSignal): Promise<void> => {
  const { core } = session
  await session.caughtUp.wait({ signal })
  while (!signal.aborted) {
    await session.until(({ pending, state }) => pending !== undefined && state === 'open', { signal })
    try {
      await publishPending(session)
    } catch (error) {
      signal.throwIfAborted()
      if (!isDchatError(error)) throw error
      core.log.debug('commit failed', { code: error.code })
      await core.clock.sleep(error.code === 'conversation/awaits-approval' ? APPROVAL_LOOK : RETRY, { signal })
    }
  }
}

export const publishCommit = async (
  core: Core,
  relay: RoomRecord['hub']['url'],
  where: Pick<Params<'topic.publish'>, 'topic' | 'create' | 'after'>,
  pending: Pick<PendingCommitRecord, 'reference' | 'body' | 'frame' | 'epoch' | 'blobs'> &
    Pick<EntryUpload, 'approval'>,
): Promise<readonly Receipt[]> => {
  const { reference, body, frame, epoch, blobs, approval } = pending
  const { receipts } = await core.links.get(relay).request(
    'topic.publish',
    {
      ...where,
      entries: [{ kind: 'commit', epoch, reference, body, frame, ...(approval && { approval }) }],
      attach: blobs,
    },
    { signal: core.signal, timeout: TIMEOUT },
  )
  return receipts
}
