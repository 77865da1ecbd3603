import { dmPermits } from '../../domain/rooms/dm-rules.ts'
import { remember } from '../../domain/rooms/lateness.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import { decodeCommitData } from '../../protocol/messages/commit-data.ts'
import { snapshotHash } from '../../protocol/messages/snapshot.ts'
import type { CommitView, Group } from '../../protocol/mls/engine.ts'
import { bindOf, type CommitFrame, decodeCommitFrame, verifyCommitFrame } from '../../protocol/topic/commit-frame.ts'
import { bodyHash } from '../../protocol/topic/entry.ts'
import { EXPORTER_LABEL, epochKeysOf, TOPIC_SEED_LENGTH, topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import { unwrapEntry } from '../../protocol/topic/wrap.ts'
import type { Entry } from '../../protocol/wire/methods.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import type { RoomRecord } from '../records.ts'
import { epochOf, keysOf, loadGroup, pendingKey, type RoomSession } from './session.ts'
import { welcomePointerFor } from './welcome.ts'
import type { Work } from './work.ts'

/** Topic seeds that are kept: the current epoch's and those of the epochs whose late entries still count. */
const SEEDS = 6
export const UPDATE_PERIOD = 7 * 24 * 3_600_000

/** Why a commit counts for nobody. */
const refuse = (reason: string) => new DchatError('conversation/void', { reason })

export const peopleOf = (session: RoomSession): readonly [Address, Address] => {
  const { self } = session.core
  const both = [self.address, session.record.peer].sort() as [Address, Address]
  return both
}

/** Judges a commit, moves to its epoch, or halts the room where it cannot be followed (topic.md and groups.md). */
export const applyCommit = async (session: RoomSession, work: Work, entry: Entry): Promise<void> => {
  const { record } = work
  const { pending } = record
  if (pending !== undefined && equalBytes(pending.entry, entry.receipt.entry)) {
    await mergeOwn(session, work, entry)
    return
  }
  const group = work.group
  if (group === undefined) return
  if (entry.body === null || entry.frame === null) {
    work.halt = 'rejoin'
    return
  }
  if (entry.epoch !== epochOf(record)) throw refuse('it is of another epoch')
  try {
    const { next, view } = await judged(session, group, record, entry, entry.body, entry.frame)
    await enter(session, work, entry, next, view)
  } catch (error) {
    // The relay counts epochs without judging: a commit that is void has spent its epoch, so this room cannot go on.
    if (!isDchatError(error)) throw error
    work.halt = error.code === 'crypto/cannot-decrypt' ? 'rejoin' : 'closed'
    throw error
  }
}

const mergeOwn = async (session: RoomSession, work: Work, entry: Entry): Promise<void> => {
  const { core } = session
  const { pending } = work.record
  const made = session.pendingGroup ?? (await loadGroup(core, pendingKey(work.record.id), work.record.suite))
  if (pending === undefined || made === undefined || work.group === undefined) {
    work.halt = 'rejoin'
    return
  }
  const next = pending.external ? made : core.engine.rebase(made, work.group)
  work.spent.push(next)
  if (pending.external) work.effects.push({ kind: 'past', group: work.group })
  const { pending: _, stale: __, ...rest } = work.record
  work.record = {
    ...(await advanced(session, rest, next, entry, pending.removed)),
    ...(pending.external ? { joinedEpoch: next.epoch, pastEpoch: entry.epoch } : {}),
    state: 'open',
    updateDue: core.clock.now() + UPDATE_PERIOD,
  }
  work.group = next
  work.effects.push({ kind: 'pending-over' })
  const update = { kind: 'update', room: work.record.id } as const
  work.effects.push({ kind: 'job', key: `update/${work.record.id}`, task: update, dueAt: work.record.updateDue })
  for (const joiner of pending.joiners) {
    const body = await welcomePointerFor(session, work.record, pending, joiner.package, entry.receipt.seq)
    work.effects.push({
      kind: 'job',
      key: `post/welcome/${work.record.id}/${toHex(joiner.deviceKey)}`,
      task: {
        kind: 'post',
        item: 'welcome',
        address: joiner.address,
        deviceKey: joiner.deviceKey,
        body,
        reference: core.crypto.random(16),
      },
      dueAt: core.clock.now(),
    })
  }
}

const judged = async (
  session: RoomSession,
  group: Group,
  record: RoomRecord,
  entry: Entry,
  body: Uint8Array,
  encodedFrame: Uint8Array,
): Promise<{ next: Group; view: CommitView }> => {
  const { core } = session
  const { crypto, engine, directory } = core
  const keys = keysOf(record, entry.epoch)
  if (keys === undefined) throw refuse('the keys of its epoch are gone')
  const frame = decodeCommitFrame(encodedFrame)
  await verifyCommitFrame(crypto, frame, await topicKeyOf(crypto, keys))
  if (
    !equalBytes(frame.topic, record.topic) ||
    frame.epoch !== entry.epoch ||
    !equalBytes(frame.commit, bodyHash(body))
  )
    throw refuse('its frame is for something else')
  const commit = await unwrapEntry(
    crypto,
    keys.wrapKey,
    { topic: record.topic, kind: 'commit', epoch: entry.epoch },
    body,
  )
  const permits = dmPermits(peopleOf(session), directory)
  const verdict = await engine.judge(group, commit, async (view, members) => {
    await directory.learn(decodeCommitData(view.authenticatedData).logs)
    return permits(view, members)
  })
  if (verdict.verdict === 'void') throw refuse(verdict.reason)
  if (frame.removes !== (verdict.view.kind === 'remove')) throw refuse('its frame hides a removal, or invents one')
  const next = await engine.apply(group, commit, verdict)
  if (next.active) await checkNext(session, record, frame, next)
  return { next, view: verdict.view }
}

/** The frame's next key and HMAC, against the state that the commit led to. */
const checkNext = async (session: RoomSession, record: RoomRecord, frame: CommitFrame, next: Group): Promise<void> => {
  const { crypto, engine } = session.core
  const keys = epochKeysOf(await engine.exportSecret(next, EXPORTER_LABEL, TOPIC_SEED_LENGTH))
  if (!equalBytes(await topicKeyOf(crypto, keys), frame.nextKey)) throw refuse('its frame names another next key')
  const { groupContext, externalPub } = await engine.publicState(next)
  const bind = bindOf(keys.bindKey, groupContext, externalPub, snapshotHash(record.snapshot))
  if (!equalBytes(bind, frame.bind)) throw refuse('its frame is bound to another group state')
}

const enter = async (session: RoomSession, work: Work, entry: Entry, next: Group, view: CommitView): Promise<void> => {
  const { pending, ...rest } = work.record
  if (pending !== undefined) work.effects.push({ kind: 'pending-over' })
  const removed = [...view.removed, ...(view.replaces === undefined ? [] : [view.replaces])]
  const gone = view.kind === 'remove' ? removed.map(({ deviceKey }) => toHex(deviceKey)) : []
  work.group = next
  work.spent.push(next)
  if (!next.active) {
    work.record = rest
    work.halt = 'closed'
    return
  }
  work.record = await advanced(session, nameLogs(session, rest, view), next, entry, gone)
}

/** Logs that the commit carried hold in this room from here on (identity.md). */
const nameLogs = (session: RoomSession, record: RoomRecord, view: CommitView): RoomRecord => {
  const named = { ...record.named }
  for (const address of [...new Set([view.committer.address, ...view.added.map((identity) => identity.address)])]) {
    const length = session.core.directory.peek(address)?.entries.length ?? 0
    named[address] = Math.max(named[address] ?? 0, length)
  }
  return { ...record, named }
}

/** The record in the epoch that a commit began. */
export const advanced = async (
  session: RoomSession,
  record: RoomRecord,
  next: Group,
  entry: Entry,
  removed: readonly string[],
): Promise<RoomRecord> => {
  const seed = await session.core.engine.exportSecret(next, EXPORTER_LABEL, TOPIC_SEED_LENGTH)
  return {
    ...record,
    epochs: [...record.epochs, { epoch: next.epoch, seed }].slice(-SEEDS),
    commits: remember(record.commits, { ended: entry.epoch, seq: entry.receipt.seq, removed }),
  }
}
