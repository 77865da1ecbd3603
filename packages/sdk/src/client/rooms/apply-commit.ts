import { placeOf } from '../../domain/messages/place.ts'
import { remember } from '../../domain/rooms/lateness.ts'
import { noticeOf } from '../../domain/rooms/notices.ts'
import { DchatError } from '../../errors.ts'
import { deviceIdOf } from '../../protocol/identity/address.ts'
import type { ControlChange } from '../../protocol/messages/control-change.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Group, Member } from '../../protocol/mls/engine.ts'
import { EXPORTER_LABEL, TOPIC_SEED_LENGTH } from '../../protocol/topic/epoch-keys.ts'
import type { Entry } from '../../protocol/wire/methods.ts'
import type { Notice } from '../../records/group.ts'
import type { Address, DeviceId } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { waitFrom } from '../../util/time.ts'
import type { RoomRecord } from '../records.ts'
import { afterCommit } from './after-commit.ts'
import type { Judged, Parent } from './judge-commit.ts'
import { epochOf, keysOf, loadGroup, pendingKey, type RoomSession } from './session.ts'
import { isBotChange, LostCommit, VoidCommit } from './verdicts.ts'
import { welcomePointerFor } from './welcome.ts'
import type { Work } from './work.ts'

/** Topic seeds that are kept: the current epoch's and those of the epochs whose late entries still count. */
export const SEEDS = 6
const DAY = 24 * 3_600_000
/** ms between two commits by which a device heals its leaf; large groups heal less often. */
export const updatePeriod = ({ people }: Pick<Snapshot, 'people'>): number => (people.length > 100 ? 30 : 7) * DAY

/** Why a commit counts for nobody. */
const refuse = (reason: string) => new DchatError('conversation/void', { reason })

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
  const { body, frame } = entry
  try {
    const upload = { topic: record.topic, epoch: entry.epoch, body, frame }
    const { judgeCommit } = await import('../later.ts')
    const judged = await judgeCommit(session.core, parentOf(work, group), upload)
    await enter(session, work, entry, judged)
  } catch (error) {
    if (error instanceof VoidCommit) throw halted(work, entry, error)
    if (error instanceof LostCommit) throw lost(session, work, entry, error)
    throw error
  }
}

const parentOf = (work: Work, group: Group): Parent => {
  const { record, control } = work
  const keys = keysOf(record, epochOf(record))
  if (keys === undefined) throw refuse('the keys of its epoch are gone')
  const { successor } = record
  return {
    group,
    snapshot: control.snapshot,
    keys,
    // Only the first entry of a successor answers the void commit.
    ...(successor !== undefined && record.seq === 0 ? { voided: successor } : {}),
  }
}

/** The relay counts epochs without judging: a void commit has spent its epoch, so this topic cannot go on. */
const halted = (work: Work, entry: Entry, error: VoidCommit): DchatError => {
  const isGroup = work.control.snapshot.kind === 'group'
  work.halt = isGroup ? 'voided' : 'closed'
  if (isGroup) endTopic(work, entry, error.author)
  return refuse(error.message)
}

/** This device asks the others in; should nobody have been able to follow, the commit is treated as a void one. */
const lost = ({ core }: RoomSession, work: Work, entry: Entry, { author, view, cause }: LostCommit): DchatError => {
  work.halt = 'rejoin'
  const removed = view.removed.map(({ deviceKey }) => toHex(deviceKey))
  const mark = { ended: entry.epoch, seq: entry.receipt.seq, removed }
  work.record = { ...work.record, commits: remember(work.record.commits, mark) }
  // An own commit without its outcome: the store is an old copy, and nobody else has a problem with it.
  if (work.control.snapshot.kind === 'group' && !core.self.isOwnDevice(author.deviceKey)) endTopic(work, entry, author)
  return cause
}

/** Notes the commit that a successor would answer; an own commit of its epoch has lost. */
const endTopic = (work: Work, entry: Entry, author: Member | undefined): void => {
  const { pending, ...record } = work.record
  if (pending !== undefined) work.effects.push({ kind: 'pending-over' })
  const offender = author === undefined ? {} : { offender: author.address }
  work.record = { ...record, voided: { seq: entry.receipt.seq, epoch: entry.epoch, ...offender } }
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
    ...(await advanced(session, rest, next, entry, pending.removed)),
    ...(pending.external ? { joinedEpoch: next.epoch, pastEpoch: entry.epoch } : {}),
    state: 'open',
    update: waitFrom(core.clock.now(), after),
  }
  work.group = next
  const before = work.control.snapshot
  work.control = { ...work.control, snapshot: pending.snapshot }
  await tellNotice(session, work, before, entry, pending.changes, core.self.address, core.self.device)
  afterCommit(session, work, before, true)
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

const enter = async (session: RoomSession, work: Work, entry: Entry, judged: Judged): Promise<void> => {
  const { next, view, snapshot, changes } = judged
  const { pending, ...rest } = work.record
  if (pending !== undefined) work.effects.push({ kind: 'pending-over' })
  const { committer } = view
  const before = work.control.snapshot
  work.group = next
  work.spent.push(next)
  work.control = { ...work.control, snapshot, heard: heardOf(work, committer.address) }
  await tellNotice(session, work, before, entry, changes, committer.address, deviceIdOf(committer.deviceKey))
  const gone = view.removed.map(({ deviceKey }) => toHex(deviceKey))
  if (!next.active) {
    // Should it come back, late entries of this epoch still count.
    const mark = { ended: entry.epoch, seq: entry.receipt.seq, removed: gone }
    work.record = { ...rest, commits: remember(rest.commits, mark) }
    // Replaced by this very device: the store is an old copy, and the newer one entered anew.
    work.halt = session.core.self.isOwnDevice(committer.deviceKey) ? 'rejoin' : 'closed'
    return
  }
  work.record = await advanced(session, rest, next, entry, gone)
  afterCommit(session, work, before)
}

/** Who commits has accepted. */
const heardOf = ({ control }: Work, author: Address): readonly Address[] =>
  control.heard.includes(author) ? control.heard : [...control.heard, author]

const tellNotice = async (
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
  const place = placeOf(work.record.term, entry.receipt.seq)
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

/** The record in the epoch that a commit began. */
const advanced = async (
  session: Pick<RoomSession, 'core'>,
  record: RoomRecord,
  next: Group,
  entry: Pick<Entry, 'epoch' | 'receipt'>,
  removed: readonly string[],
): Promise<RoomRecord> => {
  const seed = await session.core.engine.exportSecret(next, EXPORTER_LABEL, TOPIC_SEED_LENGTH)
  return {
    ...record,
    epochSeq: entry.receipt.seq,
    epochs: [...record.epochs, { epoch: next.epoch, seed }].slice(-SEEDS),
    commits: remember(record.commits, { ended: entry.epoch, seq: entry.receipt.seq, removed }),
  }
}
