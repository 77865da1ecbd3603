import { personOf } from '../../domain/rooms/permissions.ts'
import { decodeMovedNote, encodeMovedNote } from '../../protocol/inbox/bodies.ts'
import type { Move } from '../../protocol/inbox/moves.ts'
import { isSameHub } from '../../protocol/topic/hub.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes, fromHex, toHex } from '../../util/bytes.ts'
import { elapsed } from '../../util/time.ts'
import type { Core } from '../core.ts'
import { takeProof } from '../faults/take-proof.ts'
import { putJob } from '../jobs.ts'
import type { ForkRecord, HintRecord } from '../records.ts'
import { forkFrom, hinted, hintsHere, isByMember, movesIn, standing } from './forks.ts'
import { tellGoneElsewhere } from './gone.ts'
import { hubsIn } from './hubs-in.ts'
import { rejoinElsewhere } from './rejoin-elsewhere.ts'
import type { Rooms } from './rooms.ts'
import { epochOf, type RoomSession } from './session.ts'

/** ms after which the same word of the same device is answered once more. */
const ANSWERED_AGAIN = 60_000
/** Answers that are remembered for that. */
const ANSWERED = 256

type Teller = HintRecord['by']
/** Where a topic goes on, as somebody says. */
type Step = Pick<Move, 'from' | 'to' | 'hub' | 'epoch'> & Partial<Pick<Move, 'order'>>
/** What somebody says of where the conversation went: `moves` led there, and its last step is `move`. */
interface Said {
  readonly move: Step
  readonly moves: readonly Move[]
  readonly isMember: boolean
  readonly by: Teller
}

/** A member says where the conversation went on: what this device makes of it depends on where it stands (hubs.md). */
export const takeMovedNote = async (
  _: Core,
  rooms: Rooms,
  by: Address,
  deviceKey: Uint8Array,
  body: Uint8Array,
): Promise<void> => {
  const note = decodeMovedNote(body)
  const session = rooms.get(toHex(note.room))
  if (session === undefined || !isHere(session)) return
  const isMember = personOf(session.snapshot, by) !== undefined
  const isOfThis = equalBytes(session.record.topic, note.from)
  if (isMember && note.proof !== undefined && isOfThis) await takeProof(session, note.proof)
  const { from, topic: to, hub, epoch, moves = [] } = note
  const move = { from, to, hub, epoch }
  const isAmong = moves.some((each) => equalBytes(each.from, from) && equalBytes(each.to, to))
  const said = { moves, isMember, by: { address: by, deviceKey } }
  for (const each of isAmong ? moves : [...moves, move])
    if (!(await takeStep(session, rooms, { ...said, move: each }))) return
}

/**
 * A member would let this device in, and says which moves led there. Where they part from those that this device knows, the side that
 * stands is followed; where they go on from its topic, it looks as after a hint.
 */
export const takeMoves = async (
  session: RoomSession,
  rooms: Rooms,
  address: Address,
  moves: readonly Move[],
): Promise<void> => {
  const { snapshot, group } = session
  const deviceKey = group?.members.find((member) => member.address === address)?.deviceKey
  if (!isHere(session) || personOf(snapshot, address) === undefined || deviceKey === undefined) return
  const said = { moves, isMember: true, by: { address, deviceKey } }
  for (const move of moves) if (!(await takeStep(session, rooms, { ...said, move }))) return
}

const isHere = ({ record: { state } }: RoomSession): boolean => state !== 'closed' && state !== 'creating'

/** One of the moves that led somebody to where they stand. False: what came behind it there does not count here. */
const takeStep = async (session: RoomSession, rooms: Rooms, said: Said): Promise<boolean> => {
  const { record } = session
  const { move, isMember } = said
  const isNamed = hubsIn(session).some((hub) => isSameHub(hub, move.hub) && hub.url === move.hub.url)
  if (!isNamed || equalBytes(record.topic, move.to)) return true
  const fork = forkFrom(record, move.from)
  if (fork !== undefined) return equalBytes(fork.to, move.to) || fromAnother(session, rooms, said, fork)
  if (isMember && !equalBytes(move.from, move.to)) await keepHint(session, rooms, said)
  else if (!isMember && equalBytes(record.topic, move.from)) await fromOutside(session, said)
  return isMember
}

/**
 * Where it is the others were, too: it looks at the next hubs and in the old log, or asks to be let in where they know of more. A
 * topic that it does not know it may still come to.
 */
const keepHint = async (session: RoomSession, rooms: Rooms, { move, by }: Said): Promise<void> => {
  const { core, record } = session
  const { from, to: topic, hub, epoch, order } = move
  const isOfThis = equalBytes(record.topic, from)
  const isLeaving = record.caught !== undefined || core.links.downFor(record.hub.url) > 0
  if (isOfThis && isOpen(session) && epoch > epochOf(record) && isLeaving)
    return rejoinElsewhere(session, rooms, { hub, topic, epoch, ...(order && { order }) })
  await session.lock.run(async () => {
    const since = personOf(session.snapshot, by.address)?.since
    const place = { from, topic, hub, epoch, ...(order && { order }) }
    const hint = { by, ...place, at: core.clock.now(), ...(since === undefined ? {} : { since }) }
    const next = hinted(session.record, hint)
    await core.store.write(async (tx) => {
      session.put(tx, { record: next })
      if (isOfThis && isOpen(session))
        await putJob(tx, `handover/${next.id}`, { kind: 'handover', room: next.id }, core.clock.now())
    })
    session.settle({ record: next })
  })
}

const isOpen = ({ record: { state } }: RoomSession): boolean => state === 'open' || state === 'voided'

/** Who has been taken out here went on from an epoch before that: it is told that others have stayed, so that it asks them. */
const fromOutside = async (session: RoomSession, { move, by }: Said): Promise<void> => {
  const { topic, hub } = session.record
  const epoch = epochOf(session.record)
  if (session.isMember && move.epoch < epoch) await tell(session, { from: topic, to: topic, hub, epoch }, [by])
}

/** The same to those who gave a hint of this topic as members, and have been taken out since. */
export const answerOutsiders = async (session: RoomSession): Promise<void> => {
  const { record, snapshot } = session
  const epoch = epochOf(record)
  const outside = hintsHere(record).filter((hint) => !isByMember(snapshot, hint) && hint.epoch < epoch)
  if (!session.isMember || outside.length === 0) return
  const { topic, hub } = record
  await tell(
    session,
    { from: topic, to: topic, hub, epoch },
    outside.map(({ by }) => by),
  )
  await session.lock.run(async () => {
    const { core, record: now } = session
    const hints = now.hints?.filter((hint) => !outside.some((each) => equalBytes(each.topic, hint.topic)))
    const next = { ...now, ...(hints && { hints }) }
    await core.store.write(async (tx) => session.put(tx, { record: next }))
    session.settle({ record: next })
  })
}

/**
 * The conversation went on at two hubs from one topic, or only some left it, though it may have been moved again since: one side
 * stands, and who knows of it tells the other. Who was taken out here is told, and not followed.
 */
const fromAnother = async (
  session: RoomSession,
  rooms: Rooms,
  { move, moves, isMember, by }: Said,
  fork: ForkRecord,
): Promise<boolean> => {
  const stands = standing(fork, move)
  if (stands === 'own' && isNews(session, move, by)) await tell(session, fork, [by])
  if (stands === 'other' && !isMember) await tellGoneElsewhere(session, by.address, by.deviceKey)
  if (stands !== 'other' || !isMember) return false
  // Who stayed answers those who were taken out, each for themselves.
  if (!equalBytes(move.from, move.to)) await passOn(session, fork, move, moves)
  await rejoinElsewhere(session, rooms, { ...move, topic: move.to }, fork)
  return true
}

/** Two devices that do not agree which side stands would tell each other for ever. */
const isNews = ({ core, answered }: RoomSession, { to }: Step, { deviceKey }: Teller): boolean => {
  const what = `${toHex(to)}/${toHex(deviceKey)}`
  const now = core.clock.now()
  if (elapsed(answered.get(what) ?? Number.NEGATIVE_INFINITY, now) < ANSWERED_AGAIN) return false
  answered.delete(what)
  answered.set(what, now)
  const [oldest] = answered.keys()
  if (oldest !== undefined && answered.size > ANSWERED) answered.delete(oldest)
  return true
}

/** The room has gone on: whoever had said that it does elsewhere hears of a side that stands against theirs, or is followed. */
export const holdHints = async (
  session: RoomSession,
  rooms: Rooms,
  from: Uint8Array,
  hints: readonly HintRecord[],
): Promise<void> => {
  for (const hint of hints) {
    const fork = forkFrom(session.record, from)
    const stands = fork === undefined ? undefined : standing(fork, hint)
    if (fork === undefined || stands === undefined) continue
    if (stands === 'own') await tell(session, fork, [hint.by])
    else if (isByMember(session.snapshot, hint)) {
      await passOn(session, fork, { ...hint, from: fork.from, to: hint.topic }, [])
      await rejoinElsewhere(session, rooms, hint, fork)
    }
  }
}

/** The others of this side may hear of another one from this device alone, which has told them where they are, or was about to. */
const passOn = async (session: RoomSession, fork: ForkRecord, move: Step, moves: readonly Move[]): Promise<void> => {
  const { record, group, core } = session
  const hasOpened = record.seq === 0 && record.pending !== undefined && equalBytes(record.topic, fork.to)
  if (!fork.told && !hasOpened) return
  const others = group?.members.filter(({ deviceKey }) => !core.self.isOwnDevice(deviceKey)) ?? []
  await tell(session, move, others, moves)
}

/** Somebody who asks elsewhere hears how this device came to where it is, once a minute. */
export const tellWhere = async (session: RoomSession, by: Teller): Promise<void> => {
  const last = session.record.forks?.at(-1)
  if (last !== undefined && isNews(session, last, by)) await tell(session, last, [by])
}

const tell = async (
  { core, record }: RoomSession,
  { from, to: topic, hub, epoch }: Step,
  whom: readonly Teller[],
  moves = movesIn(record),
): Promise<void> => {
  const note = { room: fromHex(record.id) as Uint8Array, from, topic, hub, epoch }
  const body = encodeMovedNote({ ...note, ...(moves.length > 0 ? { moves } : {}) })
  await core.store.write(async (tx) => {
    for (const { address, deviceKey } of whom) {
      const reference = core.crypto.random(16)
      const task = { kind: 'post', item: 'moved', address, deviceKey, body, reference } as const
      await putJob(tx, `post/moved/${record.id}/${toHex(deviceKey)}`, task, core.clock.now())
    }
  })
}
