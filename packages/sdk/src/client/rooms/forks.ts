import { beats, placesToGo, type Rival } from '../../domain/rooms/handover.ts'
import { personOf } from '../../domain/rooms/permissions.ts'
import { MOVES_LIMIT, type Move } from '../../protocol/inbox/moves.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Hub } from '../../protocol/topic/hub.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import type { ForkRecord, HintRecord, RoomRecord } from '../records.ts'
import type { Continuation } from './continuation.ts'
import { hubsIn } from './hubs-in.ts'
import type { RoomSession } from './session.ts'

/** How far this device had read the topic from which that one went on. */
export const readBefore = ({ forks = [] }: RoomRecord, topic: Uint8Array): number | undefined =>
  forks.find(({ to }) => equalBytes(to, topic))?.readTo

/** The room leaves its topic for one at another hub. */
export const forksAfter = (
  session: RoomSession,
  { hub, topic: to, epoch, order: told }: Continuation,
): readonly ForkRecord[] => {
  const { record } = session
  const order = told ?? placesToGo(hubsIn(session), record.hub, record.moving?.hub).map(({ key }) => key)
  const { topic: from, seq: readTo } = record
  const fork: ForkRecord = { from, term: termOf(session), epoch, to, hub, order, removed: [], readTo }
  return [...withRemoved(record), fork].slice(-MOVES_LIMIT)
}

/** Of the present topic: its first commit raises it, where that is still to be read. */
const termOf = ({ record: { seq, handover, successor }, snapshot }: RoomSession): number =>
  seq === 0 && (handover ?? successor) !== undefined ? snapshot.term + 1 : snapshot.term

/** Whom this topic has taken out is known beyond it. */
const withRemoved = ({ forks = [], commits }: RoomRecord): readonly ForkRecord[] => {
  const last = forks.at(-1)
  if (last === undefined) return []
  return [...forks.slice(0, -1), { ...last, removed: [...last.removed, ...commits.flatMap(({ removed }) => removed)] }]
}

/** Another side of a fork stands, or nobody else left its topic: what came after it on this side does not count. */
export const forksAt = (
  { forks = [] }: RoomRecord,
  { told: _, ...fork }: ForkRecord,
  { hub, topic: to, epoch, order = fork.order }: Continuation,
): readonly ForkRecord[] => {
  const before = forks.slice(
    0,
    forks.findIndex(({ from }) => equalBytes(from, fork.from)),
  )
  return equalBytes(to, fork.from) ? before : [...before, { ...fork, to, hub, epoch, order, removed: [] }]
}

/** The moves that led to the room's topic, for those who come to it. */
export const movesIn = ({ forks = [] }: RoomRecord): readonly Move[] =>
  forks.map(({ removed: _, told: __, readTo: ___, ...move }) => move)

/** With the moves that led to where the room is let in, by the word of who lets it in. */
export const forksBy = ({ forks = [] }: Pick<RoomRecord, 'forks'>, moves: readonly Move[]): readonly ForkRecord[] => {
  const first = forks.findIndex(({ from }) => moves.some((move) => equalBytes(move.from, from)))
  const own = (move: Move) => forks.find(({ from, to }) => equalBytes(from, move.from) && equalBytes(to, move.to))
  const told = moves.map((move): ForkRecord => ({ removed: [], ...own(move), ...move }))
  return [...forks.slice(0, first < 0 ? forks.length : first), ...told].slice(-MOVES_LIMIT)
}

/** Who was taken out on this side of a fork. */
export const removedSince = (record: RoomRecord, fork: ForkRecord): readonly string[] => {
  const forks = withRemoved(record)
  return forks.slice(forks.findIndex(({ from }) => equalBytes(from, fork.from))).flatMap(({ removed }) => removed)
}

export const forkFrom = ({ forks = [] }: RoomRecord, topic: Uint8Array): ForkRecord | undefined =>
  forks.find(({ from }) => equalBytes(from, topic))

/** Whether the room's topic continues one at another hub, of which some may lack what they could not read. */
export const continues = ({ forks = [], topic, handover }: RoomRecord): boolean =>
  handover !== undefined || forks.some(({ to }) => equalBytes(to, topic))

/** A device asks to come to a topic of which it has read nothing, and that may be left before it is let in, or is left already. */
const isMissing = (record: RoomRecord, device: string, asked: Uint8Array): boolean =>
  equalBytes(record.topic, asked)
    ? continues(record) && record.seen?.[device] === undefined
    : (record.forks ?? []).some(({ to }) => equalBytes(to, asked))

/** Whoever asks to be let in may lack what was said from the topic on for which they ask, and behind `read` in the one before. */
export const noteMissing = (
  session: RoomSession,
  deviceKey: Uint8Array,
  topic: Uint8Array,
  read: number | undefined,
): Promise<void> =>
  session.lock.run(async () => {
    const device = toHex(deviceKey)
    const { missing, missingFrom: { [device]: before, ...others } = {} } = session.record
    const known = missing?.[device]
    const isKnown = known !== undefined && equalBytes(known, topic) && before === read
    if (isKnown || !isMissing(session.record, device, topic)) return
    const record: RoomRecord = {
      ...session.record,
      missing: { ...missing, [device]: topic },
      missingFrom: { ...others, ...(read === undefined ? {} : { [device]: read }) },
    }
    await session.core.store.write(async (tx) => session.put(tx, { record }))
    session.settle({ record })
  })

const rankOf = ({ order }: ForkRecord, { key }: Hub): number => {
  const rank = order.findIndex((named) => equalBytes(named, key))
  return rank < 0 ? order.length : rank
}

/** Hints that a room keeps. */
export const HINTS = 16

/** Those of the topic where the room is. */
export const hintsHere = ({ hints = [], topic }: Pick<RoomRecord, 'hints' | 'topic'>): readonly HintRecord[] =>
  hints.filter(({ from }) => from === undefined || equalBytes(from, topic))

/** Whether nobody let this device in there, and nobody has said anything of it since. */
export const isUnanswered = (record: RoomRecord, topic: Uint8Array): boolean => {
  const { unanswered } = record
  return (
    unanswered !== undefined &&
    equalBytes(unanswered.topic, topic) &&
    !hintsHere(record).some((hint) => equalBytes(hint.topic, topic) && (hint.at ?? 0) > unanswered.at)
  )
}

/** Whether who gave a hint has been a member ever since. */
export const isByMember = (snapshot: Snapshot, { by, since }: HintRecord): boolean => {
  const person = personOf(snapshot, by.address)
  return person !== undefined && (since === undefined || since === person.since)
}

/** A member said where a topic goes on. */
export const hinted = (record: RoomRecord, hint: HintRecord): RoomRecord => {
  const others = record.hints?.filter(({ topic }) => !equalBytes(topic, hint.topic)) ?? []
  return { ...record, hints: [...others, hint].slice(-HINTS) }
}

/** Whether the conversation went where everybody who knows of the move looks first. */
export const isFirstPlace = (fork: ForkRecord): boolean => rankOf(fork, fork.hub) === 0

/** Which of two sides of a fork stands; undefined: they are one. */
export const standing = (fork: ForkRecord, { hub, epoch }: Pick<Continuation, 'hub' | 'epoch'>) => {
  const own: Rival = { epoch: fork.epoch, rank: rankOf(fork, fork.hub) }
  const other: Rival = { epoch, rank: rankOf(fork, hub) }
  if (beats(other, own)) return 'other'
  return beats(own, other) ? 'own' : undefined
}

/** The others were told: who hears better of somebody passes it on. */
export const noteTold = (record: RoomRecord, topic: Uint8Array): RoomRecord => {
  const { forks = [] } = record
  return { ...record, forks: forks.map((fork) => (equalBytes(fork.to, topic) ? { ...fork, told: true } : fork)) }
}
