import { GONE_AFTER, opensAfter, placesToGo } from '../../domain/rooms/handover.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import { topicKeyOf } from '../../protocol/topic/epoch-keys.ts'
import { type Hub, isSameHub } from '../../protocol/topic/hub.ts'
import { handoverNonce, topicIdOf } from '../../protocol/topic/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import { elapsed } from '../../util/time.ts'
import type { Core } from '../core.ts'
import { heldAgainst } from '../faults/leave-hub.ts'
import type { JobOutcome } from '../jobs.ts'
import type { JobTask, MovingRecord, PendingCommitRecord, RoomRecord } from '../records.ts'
import { askAfterAll } from './admit.ts'
import { publishCommit } from './commit.ts'
import { type Continuation, handoverOf } from './continuation.ts'
import { hintsHere } from './forks.ts'
import { giveUpOpening } from './give-up-opening.ts'
import { haltedFor } from './halted.ts'
import { hasElsewhere, hubsIn } from './hubs-in.ts'
import { listTold } from './list-told.ts'
import { enterTopic } from './move-room.ts'
import { answerOutsiders, holdHints } from './moved-note.ts'
import { findInOldList } from './old-list.ts'
import { openers } from './opening.ts'
import { prepareHandover } from './prepare-handover.ts'
import { rejoinElsewhere } from './rejoin-elsewhere.ts'
import type { Rooms } from './rooms.ts'
import { epochOf, keysOf, type RoomSession, showKey } from './session.ts'
import { REFUSALS } from './successors.ts'

/** ms in which a relay must answer to count as one that can be reached. */
const PATIENCE = 4_000
const TIMEOUT = 15_000
/** ms until it is looked again. */
const SOON = 2_000
const LATER = 10_000
const MINUTE = 60_000
const LAST_LOOK = 10 * MINUTE
/** For how long members put it into the old hub's list (announce-handover.ts). */
const HINTS_FOR = 30 * 24 * 3_600_000

/**
 * Sees to it that a room goes on where its hub is gone, or where it was moved to: finds the topic that continues it at
 * another hub of its list, or opens that when it is this device's turn (hubs.md). May be repeated after any crash.
 */
export const handOver = async (
  core: Core,
  rooms: Rooms,
  { room }: Extract<JobTask, { readonly kind: 'handover' }>,
): Promise<JobOutcome> => {
  const session = rooms.get(room)
  if (session === undefined || !isBetween(session.record)) return
  const caught = await heldAgainst(session)
  if (session.record.moving === undefined && caught === undefined) {
    if (!hasElsewhere(session)) return
    const gone = core.links.downFor(session.record.hub.url)
    await noteGone(session, gone)
    if (gone === 0) return backAtTheHub(session, rooms)
    if (gone < GONE_AFTER && hintsHere(session.record).length === 0) return { again: GONE_AFTER - gone }
  }
  if ((await goElsewhere(session, rooms)) || (await giveUpOpening(session, rooms))) return
  return { again: leftFor(session) > MINUTE ? LATER : SOON }
}

/** Its hub answers: where the others left it meanwhile, its list says so. */
const backAtTheHub = async (session: RoomSession, rooms: Rooms): Promise<JobOutcome> => {
  const { seq } = session.record
  const found = await findInOldList(session)
  // What this device cannot open may be of an epoch that it has still to read.
  if (found === 'sealed' && (await headOf(session)).seq > seq) return { again: SOON }
  if (found === undefined || found === 'sealed') return (await listTold(session)) ? { again: SOON } : lookAgain(session)
  if (!(await follow(session, rooms, found))) await rejoinElsewhere(session, rooms, found)
}

/** What a member said may come to stand there later, when nobody tells this device any more: it looks ever more rarely. */
const lookAgain = async (session: RoomSession): Promise<JobOutcome> => {
  await answerOutsiders(session)
  await askAfterAll(session)
  const { core, record } = session
  const heard = Math.max(record.unanswered?.at ?? 0, ...hintsHere(record).map(({ at = 0 }) => at))
  const since = elapsed(heard, core.clock.now())
  const soonest = record.unanswered === undefined ? LATER : MINUTE
  return since > HINTS_FOR ? undefined : { again: Math.min(Math.max(soonest, since / 4), LAST_LOOK) }
}

/** How far the hub's log reaches, as far as the shown keys do. */
const headOf = ({ core: { links, signal }, record: { hub, topic } }: RoomSession) =>
  links.get(hub.url).request('topic.head', { topic }, { signal, timeout: PATIENCE })

/** A program that runs for seconds at a time, a command say, remembers since when it could not reach a hub. */
const noteGone = (session: RoomSession, gone: number): Promise<void> =>
  session.lock.run(async () => {
    const { core } = session
    const { goneSince, ...record } = session.record
    if (gone > 0 ? goneSince !== undefined || gone < GONE_AFTER : goneSince === undefined) return
    const next: RoomRecord = gone > 0 ? { ...record, goneSince: core.clock.now() - gone } : record
    await core.store.write(async (tx) => session.put(tx, { record: next }))
    session.settle({ record: next })
  })

/** ms for which the hub is gone, or since it was caught. */
const leftFor = ({ core: { links, clock }, record: { hub, caught, goneSince } }: RoomSession): number => {
  const down = links.downFor(hub.url)
  const before = down >= GONE_AFTER ? goneSince : undefined
  const since = (moment: number | undefined) => (moment === undefined ? 0 : elapsed(moment, clock.now()))
  return Math.max(down, since(caught?.at), since(before))
}

/** Its topic is open, or over, and nothing else answers that. */
const isBetween = ({ state, opening }: RoomRecord): boolean =>
  (state === 'open' || state === 'voided') && opening === undefined

interface Place {
  readonly hub: Hub
  readonly topic: Uint8Array
  readonly isOpen: boolean
}

/** True if the room goes on somewhere. */
const goElsewhere = async (session: RoomSession, rooms: Rooms): Promise<boolean> => {
  const { record } = session
  const { moving } = record
  const hubs = placesToGo(hubsIn(session), record.hub, moving?.hub)
  const looks = await Promise.all(hubs.map((hub) => look(session, hub)))
  const places = looks.flatMap((place) => (place === undefined ? [] : [place]))
  const found = places.find(({ isOpen }) => isOpen)
  if (found !== undefined && !isOwnOpening(moving, found))
    return follow(session, rooms, { ...found, epoch: epochOf(record) })
  const since = moving === undefined ? leftFor(session) : await haltedFor(session)
  // What was chosen is waited for as long as a hub that is gone.
  const [first] = places
  const isChosen = moving?.hub === undefined || (first && isSameHub(first.hub, moving.hub)) || since >= GONE_AFTER
  if (first === undefined || !isChosen || (await turnOf(session)) > since) return false
  return open(session, rooms, first.hub)
}

const isOwnOpening = (moving: MovingRecord | undefined, { topic }: Place): boolean =>
  moving?.opening !== undefined && equalBytes(moving.opening.topic, topic)

/** What a relay has of the topic that would continue this one there; undefined where it cannot be reached. */
const look = async (session: RoomSession, hub: Hub): Promise<Place | undefined> => {
  const { core, record } = session
  const { links, signal, log } = core
  const keys = keysOf(record, epochOf(record))
  if (keys === undefined) return undefined
  const topic = topicIdOf(await topicKeyOf(core.crypto, keys), handoverNonce(record.topic, hub.key))
  try {
    const key = await links.relayKey(hub.url, { signal, timeout: PATIENCE })
    if (!equalBytes(key, hub.key)) {
      core.events.emit({ type: 'relay-fault', relay: hub.url, code: 'identity/untrusted-key' })
      return undefined
    }
    await showKey(session.core, hub.url, topic, newestSeed(session))
    const { entries } = await links
      .get(hub.url)
      .request('topic.read', { topic, after: 0, limit: 1 }, { signal, timeout: TIMEOUT })
    return { hub, topic, isOpen: entries.length > 0 }
  } catch (error) {
    signal.throwIfAborted()
    if (!isDchatError(error)) throw error
    if (error.code === 'relay/unknown-topic') return { hub, topic, isOpen: false }
    log.debug('relay passed over', { code: error.code })
    return undefined
  }
}

const newestSeed = ({ record }: RoomSession): Uint8Array => {
  const newest = record.epochs.at(-1)
  if (newest === undefined) throw new DchatError('conversation/not-member', { conversation: record.conversation })
  return newest.seed
}

/** When this device may open, in ms since the hub was reached, or since the topic was left by choice. */
const turnOf = async (session: RoomSession): Promise<number> => {
  const { core, record, snapshot, group } = session
  if (record.moving?.opening !== undefined || record.moving?.own) return 0
  if (group === undefined || record.stale || record.leaving) return Number.POSITIVE_INFINITY
  const turn = openers(snapshot, group.members, undefined).findIndex(({ deviceKey }) =>
    core.self.isOwnDevice(deviceKey),
  )
  return turn < 0 ? Number.POSITIVE_INFINITY : opensAfter(turn, await knowsAll(session))
}

/** Whether this device has read all commits of the old topic, as far as it can tell: others may know of more. */
const knowsAll = async (session: RoomSession): Promise<boolean> => {
  const { core, record, wasThere } = session
  if (record.moving !== undefined || record.caught === undefined) return wasThere || record.moving !== undefined
  try {
    await showKey(core, record.hub.url, record.topic, newestSeed(session))
    return (await headOf(session)).epoch <= epochOf(record)
  } catch (error) {
    core.signal.throwIfAborted()
    if (!isDchatError(error)) throw error
    return wasThere
  }
}

/** False if this device has gone beyond the epoch from which the room goes on there. */
const follow = async (session: RoomSession, rooms: Rooms, { hub, topic, epoch }: Continuation): Promise<boolean> => {
  const { record } = session
  if (epoch !== epochOf(record)) return false
  await goOnAt(session, rooms, { hub, topic, epoch })
  return true
}

const goOnAt = async (
  session: RoomSession,
  rooms: Rooms,
  { hub, topic, epoch }: Continuation,
  own?: PendingCommitRecord,
): Promise<void> => {
  const { topic: old } = session.record
  const hints = hintsHere(session.record)
  const begins = { handover: handoverOf(session, epoch) }
  const isThere = await enterTopic(session, rooms, old, { topic, hub, epoch, begins, ...(own && { own }) })
  if (isThere) await holdHints(session, rooms, old, hints)
}

/** Opens the topic there; somebody else may be faster, and then it is theirs. */
const open = async (session: RoomSession, rooms: Rooms, hub: Hub): Promise<boolean> => {
  const { core } = session
  const opening = await prepareHandover(session, hub)
  if (opening === undefined) return false
  rooms.restart(session)
  const { topic, nonce, pending } = opening
  const { epoch } = pending
  const keys = keysOf(session.record, epoch)
  if (keys === undefined) return false
  await showKey(core, hub.url, topic, newestSeed(session))
  const create = { nonce, key: await topicKeyOf(core.crypto, keys), epoch }
  try {
    await publishCommit(core, hub.url, { topic, create }, pending)
  } catch (error) {
    core.signal.throwIfAborted()
    if (!isDchatError(error) || !REFUSALS.includes(error.code)) throw error
    // Where others have gone on from there already, its key is that of a later epoch.
    const isOpen = error.code === 'relay/wrong-epoch' || (await look(session, hub))?.isOpen
    if (isOpen) await goOnAt(session, rooms, { hub, topic, epoch })
    return isOpen ?? false
  }
  await goOnAt(session, rooms, { hub, topic, epoch }, pending)
  return true
}
