import { placeInRoom } from '../../domain/messages/place.ts'
import type { ExpectedHandover } from '../../domain/rooms/control.ts'
import { remember } from '../../domain/rooms/lateness.ts'
import type { DchatError } from '../../errors.ts'
import { deviceIdOf } from '../../protocol/identity/address.ts'
import type { ControlChange } from '../../protocol/messages/control-change.ts'
import type { Group, Member } from '../../protocol/mls/engine.ts'
import type { Entry } from '../../protocol/wire/methods.ts'
import type { Address } from '../../records/ids.ts'
import { toHex } from '../../util/bytes.ts'
import { takeBack } from '../offers/place-step.ts'
import type { HubRecord, RoomRecord } from '../records.ts'
import { afterCommit } from './after-commit.ts'
import { planAnnouncement } from './announce-handover.ts'
import { advanced, refuse, tellNotice } from './apply-commit.ts'
import { continues } from './forks.ts'
import { type Judged, judgeCommit, type Parent } from './judge-commit.ts'
import { noteChanges } from './note-changes.ts'
import { lacked, saysAgain, unread } from './say-again.ts'
import { epochOf, keysOf, type RoomSession } from './session.ts'
import { LostCommit, VoidCommit } from './verdicts.ts'
import type { Work } from './work.ts'

/** Judges another device's commit, and moves to its epoch, or halts the room where it cannot be followed. */
export const applyOthers = async (
  session: RoomSession,
  work: Work,
  entry: Entry,
  { group, body, frame }: { readonly group: Group; readonly body: Uint8Array; readonly frame: Uint8Array },
): Promise<void> => {
  try {
    const upload = { topic: work.record.topic, epoch: entry.epoch, body, frame }
    const judged = await judgeCommit(session.core, parentOf(work, group), upload)
    await enter(session, work, entry, judged)
  } catch (error) {
    if (error instanceof VoidCommit) throw halted(work, entry, error)
    if (error instanceof LostCommit) throw lost(session, work, entry, error)
    throw error
  }
}

/** What the first commit of a topic at another hub must say. */
export const expectedAt = (
  hub: HubRecord,
  { topic, at }: Pick<NonNullable<RoomRecord['handover']>, 'topic' | 'at'>,
): ExpectedHandover => ({ topic, hub, ...(at === undefined ? {} : { at }) })

const parentOf = (work: Work, group: Group): Parent => {
  const { record, control } = work
  const keys = keysOf(record, epochOf(record))
  if (keys === undefined) throw refuse('the keys of its epoch are gone')
  const { successor, handover } = record
  return {
    group,
    snapshot: control.snapshot,
    keys,
    // Only the first entry of a topic says what it continues.
    ...(successor !== undefined && record.seq === 0 ? { voided: successor } : {}),
    ...(handover !== undefined && record.seq === 0 ? { handover: expectedAt(record.hub, handover) } : {}),
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
  work.record = await advanced(session, rest, next, entry, { removed: gone, joiners: view.added })
  goesOn(session, work, entry, changes)
  if (view.kind === 'external') tellReturned(session, work, committer)
  afterCommit(session, work, before)
  const { core } = session
  const by = committer.address === core.self.address ? 'person' : 'others'
  noteChanges(core, work, before, { ended: entry.epoch, changes, added: view.added, by })
}

/** A topic that continues one of another hub, or that ends to be continued elsewhere (hubs.md). */
export const goesOn = (
  session: RoomSession,
  work: Work,
  entry: Entry,
  [change]: readonly ControlChange[],
  own = false,
): void => {
  const { record } = work
  if (change?.kind === 'handover') {
    saysAgain(session, work, unread(record, Math.min(change.seq, record.handover?.readBy ?? 0)))
    planAnnouncement(session, work, entry, own)
    const { snapshot } = work.control
    const after = placeInRoom({ ...snapshot, term: snapshot.term - 1 }, record.term - 1, change.seq)
    const until = placeInRoom(snapshot, record.term, 0)
    work.effects.push({ kind: 'personal', store: (tx) => takeBack(tx, record.id, { after, until }) })
  }
  if (change?.kind !== 'move') return
  work.record = { ...record, moving: { hub: change.hub, ...(own ? { own } : {}) } }
  work.halt = 'moving'
}

/** It comes from beyond the handover, and could read nothing of what was said here without it. */
const tellReturned = (session: RoomSession, work: Work, { deviceKey }: Pick<Member, 'deviceKey'>): void => {
  const device = toHex(deviceKey)
  const { seen, missing: { [device]: missed, ...missing } = {} } = work.record
  const { [device]: read, ...missingFrom } = work.record.missingFrom ?? {}
  if (!continues(work.record) || (seen?.[device] !== undefined && missed === undefined)) return
  saysAgain(session, work, lacked(work.record, missed, read))
  work.record = { ...work.record, missing, missingFrom }
}

/** Who commits has accepted. */
const heardOf = ({ control }: Work, author: Address): readonly Address[] =>
  control.heard.includes(author) ? control.heard : [...control.heard, author]
