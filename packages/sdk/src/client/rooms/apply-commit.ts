import { placeIn } from '../../domain/messages/place.ts'
import { remember } from '../../domain/rooms/lateness.ts'
import { noticeOf } from '../../domain/rooms/notices.ts'
import { DchatError } from '../../errors.ts'
import type { ControlChange } from '../../protocol/messages/control-change.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Group } from '../../protocol/mls/engine.ts'
import { EXPORTER_LABEL, TOPIC_SEED_LENGTH } from '../../protocol/topic/epoch-keys.ts'
import type { Entry } from '../../protocol/wire/methods.ts'
import type { Notice } from '../../records/group.ts'
import type { Address, DeviceId } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { waitFrom } from '../../util/time.ts'
import type { PendingCommitRecord, RoomRecord } from '../records.ts'
import { afterCommit } from './after-commit.ts'
import { epochOf, loadGroup, pendingKey, type RoomSession } from './session.ts'
import { isBotChange } from './verdicts.ts'
import { welcomePointerFor } from './welcome.ts'
import type { Work } from './work.ts'

/** Topic seeds that are kept: the current epoch's and those of the epochs whose late entries still count. */
export const SEEDS = 6
/** Devices of a conversation for which it is kept how far they have read. */
export const NOTED = 50
const DAY = 24 * 3_600_000
/** ms between two commits by which a device heals its leaf; large groups heal less often. */
export const updatePeriod = ({ people }: Pick<Snapshot, 'people'>): number => (people.length > 100 ? 30 : 7) * DAY

/** Why a commit counts for nobody. */
export const refuse = (reason: string) => new DchatError('conversation/void', { reason })

/** Judges a commit, moves to its epoch, or halts the room where it cannot be followed (topic.md and groups.md). */
export const applyCommit = async (session: RoomSession, work: Work, entry: Entry): Promise<void> => {
  const { record, group } = work
  const { pending } = record
  if (pending !== undefined && equalBytes(pending.entry, entry.receipt.entry)) {
    await mergeOwn(session, work, entry)
    return
  }
  if (group === undefined) return
  if (entry.epoch < record.joinedEpoch) {
    // It lies between the place where this device had to stop and the commit by which it came back.
    const mark = { ended: entry.epoch, seq: entry.receipt.seq, removed: [] }
    work.record = { ...record, commits: remember(record.commits, mark) }
    return
  }
  if (entry.body === null || entry.frame === null) {
    work.halt = 'rejoin'
    return
  }
  if (entry.epoch !== epochOf(record)) throw refuse('it is of another epoch')
  const { applyOthers } = await import('../later.ts')
  await applyOthers(session, work, entry, { group, body: entry.body, frame: entry.frame })
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
  const { pending: _, stale, ...known } = work.record
  // Only a leaf that is made here and now has ratchets that nobody used.
  const isFresh = (pending.external || pending.fresh) && !pending.restored
  const rest = stale && !isFresh ? { ...known, stale } : known
  const after = updatePeriod(pending.snapshot)
  work.record = {
    ...(await advanced(session, rest, next, entry, pending)),
    ...(pending.external ? { joinedEpoch: next.epoch, pastEpoch: entry.epoch } : {}),
    state: 'open',
    update: waitFrom(core.clock.now(), after),
  }
  work.group = next
  const before = work.control.snapshot
  work.control = { ...work.control, snapshot: pending.snapshot }
  await tellNotice(session, work, before, entry, pending.changes, core.self.address, core.self.device)
  if (MOVES.includes(pending.changes[0]?.kind))
    await (await import('../later.ts')).goesOn(session, work, entry, pending.changes, true)
  afterCommit(session, work, before, true)
  const { changes, joiners: added } = pending
  const { noteChanges } = await import('../later.ts')
  noteChanges(core, work, before, { ended: entry.epoch, changes, added, by: 'device' })
  work.effects.push({ kind: 'pending-over' })
  const update = { kind: 'update', room: work.record.id } as const
  work.effects.push({ kind: 'job', key: `update/${work.record.id}`, task: update, after })
  const profile = pending.joiners.length === 0 ? undefined : await core.profile.prepare(core)
  for (const joiner of pending.joiners) {
    const body = welcomePointerFor(work, pending, joiner.package, entry.receipt.seq, profile?.short)
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
    })
  }
}

/** Own changes that lead to another topic: what follows from them is loaded then. */
const MOVES: readonly (ControlChange['kind'] | undefined)[] = ['move', 'handover']

export const tellNotice = async (
  { core }: RoomSession,
  work: Work,
  before: Snapshot,
  entry: Entry,
  changes: readonly ControlChange[],
  by: Address,
  device: DeviceId,
): Promise<void> => {
  const [first] = changes
  const notice =
    first !== undefined && isBotChange(first)
      ? (await import('../later.ts')).botNotice(before, first, by)
      : noticeOf(changes, by)
  if (notice === undefined || !isToldOf(before, notice, core.self.address)) return
  const place = placeIn(work.control.snapshot, work.record.term, entry.receipt.seq)
  work.effects.push({ kind: 'notice', notice, device, at: entry.receipt.time, place })
  if ('address' in notice && notice.kind !== 'role') {
    const { kind: type, address } = notice
    const { conversation } = work.record
    work.effects.push({ kind: 'event', event: { type, conversation, address, by } })
  }
}

/** Nobody but the bot sees its channel, and it is told of itself alone (bots.md). */
const isToldOf = ({ kind, bots }: Snapshot, notice: Notice, self: Address): boolean => {
  if (kind !== 'channel') return true
  if (bots?.[0]?.address !== self) return false
  return notice.kind === 'bot-scope-changed' || ('people' in notice && notice.people.includes(self))
}

interface Came extends Pick<PendingCommitRecord, 'removed'> {
  readonly joiners: readonly Pick<PendingCommitRecord['joiners'][number], 'deviceKey'>[]
}

/** The record in the epoch that a commit began. */
export const advanced = async (
  session: Pick<RoomSession, 'core'>,
  record: RoomRecord,
  next: Group,
  entry: Pick<Entry, 'epoch' | 'receipt'>,
  { removed, joiners }: Came,
): Promise<RoomRecord> => {
  const isNoted = joiners.length > 0 && next.members.length <= NOTED
  const seed = await session.core.engine.exportSecret(next, EXPORTER_LABEL, TOPIC_SEED_LENGTH)
  return {
    ...record,
    epochSeq: entry.receipt.seq,
    epochs: [...record.epochs, { epoch: next.epoch, seed }].slice(-SEEDS),
    commits: remember(record.commits, { ended: entry.epoch, seq: entry.receipt.seq, removed }),
    ...(isNoted ? { added: { ...record.added, ...addedAt(joiners, entry.receipt.seq) } } : {}),
  }
}

const addedAt = (joiners: Came['joiners'], seq: number): Readonly<Record<string, number>> =>
  Object.fromEntries(joiners.map(({ deviceKey }) => [toHex(deviceKey), seq]))
