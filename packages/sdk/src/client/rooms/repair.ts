import { wantedKey } from '../../domain/rooms/commit-key.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import type { Core } from '../core.ts'
import type { OpeningRecord, RoomRecord } from '../records.ts'
import { haltedFor } from './halted.ts'
import { moveRoom } from './move-room.ts'
import { openers, prepareOpening } from './opening.ts'
import type { Rooms } from './rooms.ts'
import type { RoomSession } from './session.ts'
import { findSuccessor, stands } from './successors.ts'
import { FOLLOWED_BY_NONE, TURN } from './turn.ts'
import { nobodyFollowed } from './unable.ts'

const TIMEOUT = 15_000
/** ms until the list is looked at again: soon at first, then ever more rarely. */
const FIRST_LOOK = 1_000
const LAST_LOOK = 60_000

type Ended = NonNullable<RoomRecord['voided']>

/**
 * Finds the successor of a topic that has ended, or opens it when it is this device's turn (groups.md). Everything that it
 * does may be repeated after a crash.
 */
export const repairRoom = async (
  core: Core,
  rooms: Rooms,
  room: string,
): Promise<void | { readonly again: number }> => {
  const session = rooms.get(room)
  const { state, voided } = session?.record ?? {}
  if (session === undefined || voided === undefined || (state !== 'voided' && state !== 'rejoining')) return
  const since = await haltedFor(session)
  // Whoever could follow the commit answers first: it is not for those who could not to end a topic that goes on.
  if (state === 'rejoining' && since < FOLLOWED_BY_NONE) return { again: FOLLOWED_BY_NONE - since }
  if (state === 'rejoining' && !nobodyFollowed(session, voided.offender)) return { again: FIRST_LOOK * 5 }
  try {
    return await look(session, rooms, voided, since)
  } catch (error) {
    core.signal.throwIfAborted()
    if (!isDchatError(error) || error.retryable) throw error
    // A full list, say: nobody may give a room up for that.
    core.log.info('repair failed', { code: error.code })
    return { again: LAST_LOOK }
  }
}

const look = async (
  session: RoomSession,
  rooms: Rooms,
  voided: Ended,
  since: number,
): Promise<void | { readonly again: number }> => {
  const known = await findSuccessor(session, voided)
  if (known !== undefined) return moveRoom(session, rooms, known)
  const wait = turnOf(session, voided) - since
  if (wait > 0) return { again: Math.min(wait, lookAfter(since)) }
  const opening = await open(session, voided)
  if (opening === undefined) return { again: lookAfter(since) }
  await announce(session, opening)
  const first = await findSuccessor(session, voided)
  if (first !== undefined) return moveRoom(session, rooms, first)
  return { again: lookAfter(since) }
}

const lookAfter = (since: number): number => Math.min(Math.max(FIRST_LOOK, Math.floor(since / 4)), LAST_LOOK)

/** When this device may open, in ms after it saw the topic end; never for the offender's, nor for an old copy of a store. */
const turnOf = ({ core, record, group, snapshot }: RoomSession, { offender }: Ended): number => {
  if (record.opening !== undefined) return 0
  if (group === undefined || record.stale) return Number.POSITIVE_INFINITY
  // A commit key is made by those who hold it: whoever made the void commit shall not have it.
  const wanted = wantedKey(snapshot, group.members, offender)
  const turn = (wanted?.devices ?? openers(snapshot, group.members, offender)).findIndex(({ deviceKey }) =>
    core.self.isOwnDevice(deviceKey),
  )
  const first = record.state === 'rejoining' ? FOLLOWED_BY_NONE : 0
  return turn < 0 ? Number.POSITIVE_INFINITY : first + turn * TURN
}

const open = async (session: RoomSession, ended: Ended): Promise<OpeningRecord | undefined> => {
  try {
    return await prepareOpening(session, ended)
  } catch (error) {
    // A device that the others would refuse (revoked, say) leaves it to them.
    if (isDchatError(error, 'conversation/not-permitted')) return undefined
    throw error
  }
}

/** The topic first: once it is announced, whoever knows the epoch's keys could open it with something else. */
const announce = async (session: RoomSession, opening: OpeningRecord): Promise<void> => {
  const { core, record } = session
  const { topic, nonce, pending, sealed, reference } = opening
  if (!(await stands(session, { topic, nonce, commit: pending, own: opening })))
    throw new DchatError('relay/conflict', { what: 'successor' })
  await core.links
    .get(record.hub.url)
    .request(
      'successor.put',
      { topic: record.topic, reference, body: sealed },
      { signal: core.signal, timeout: TIMEOUT },
    )
}
