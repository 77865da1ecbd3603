import { personOf } from '../../domain/rooms/permissions.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import { decodeWelcomePointer, type WelcomePointer } from '../../protocol/inbox/bodies.ts'
import { isSameHub } from '../../protocol/topic/hub.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { within } from '../../util/wait.ts'
import { getConversation, groupId } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import type { JobRecord, RoomRecord } from '../records.ts'
import { haltedFor } from './halted.ts'
import { hubsIn } from './hubs-in.ts'
import type { Rooms } from './rooms.ts'
import type { RoomSession } from './session.ts'
import { FOLLOWED_BY_NONE } from './turn.ts'

/** ms that a room has to read to its end before a Welcome to it is looked at. */
const READING = 30_000
/** ms for which a hub is gone before a device is let in elsewhere that may find the way by itself. */
const BY_ITSELF = 30_000
/** What its own log can have led an open room to, so that a Welcome counts. */
const LEFT: readonly RoomRecord['state'][] = ['closed', 'voided']
/** ms between two looks at a room that looks for its successor. */
const LATER = 2_000

/**
 * A Welcome names a room by an id that everybody who was ever in it knows. So a room that this device has is entered
 * again only where its own log, or its own question, leads: anything else could put the conversation into a group of
 * somebody's choice. Old Welcomes that come again are dropped. `again` (ms): the room is on its way to the topic where it
 * goes on, and what it reads there decides.
 */
export const mayEnter = async (
  core: Core,
  rooms: Rooms,
  from: Address,
  encoded: Uint8Array,
): Promise<boolean | { readonly again: number }> => {
  const pointer = decodeWelcomePointer(encoded)
  const room = toHex(pointer.room)
  const known = rooms.get(room)
  // Of the own devices, and of nobody else.
  if (pointer.kind === 'self' && from !== core.self.address) return false
  if (known === undefined && pointer.kind === 'channel')
    return (await import('../later.ts')).mayEnterChannel(core, rooms, from, pointer)
  if (known === undefined) return pointer.kind === 'dm' || isAnswer(core, room, from, pointer)
  const { record } = known
  const isSame = equalBytes(record.topic, pointer.topic) && equalBytes(record.hub.key, pointer.hub.key)
  const isAsked = () => from === core.self.address || personOf(known.snapshot, from) !== undefined
  switch (record.state) {
    case 'creating':
      return false
    case 'open':
      // If this device was taken out, its own log says so, here or in a successor, and it comes back like anybody.
      return wentOn(core, rooms, known, from, encoded)
    case 'closed':
      return !isSame || pointer.seq > record.seq
    case 'voided':
      // It was in when its topic ended: what let it in before that is old.
      if (isSame) return false
      return (await haltedFor(known)) < FOLLOWED_BY_NONE ? { again: LATER } : isAsked()
    case 'rejoining':
      return isSame || isAsked()
  }
}

/** An open room is read to its end first, and may not be open then. */
const wentOn = async (
  core: Core,
  rooms: Rooms,
  known: RoomSession,
  from: Address,
  encoded: Uint8Array,
): Promise<boolean | { readonly again: number }> => {
  const { record } = known
  try {
    await readOn(core, rooms, known)
  } catch (error) {
    if (!isDchatError(error, 'transport/unreachable') || !isLedAway(known, from, encoded)) throw error
    // Where it leads by itself it misses nothing.
    if (core.links.downFor(record.hub.url) < BY_ITSELF) return { again: LATER }
  }
  if (LEFT.includes(known.record.state)) return mayEnter(core, rooms, from, encoded)
  return isLedAway(known, from, encoded)
}

/**
 * Who came in at a hub that the others had left does not hold the keys by which its next topic is found. So where that one
 * is gone, or knows nothing of it, the word of a person who could have taken this one out there counts (hubs.md).
 */
const isLedAway = (session: RoomSession, from: Address, encoded: Uint8Array): boolean => {
  const { record, snapshot } = session
  const { topic, hub } = decodeWelcomePointer(encoded)
  const leads = snapshot.kind === 'group' && ['owner', 'admin'].includes(personOf(snapshot, from)?.role ?? '')
  const isNamed = hubsIn(session).some((named) => isSameHub(named, hub)) && !isSameHub(hub, record.hub)
  return leads && isNamed && !equalBytes(topic, record.topic)
}

/** A device that came from the phrase is let in by those whom it asked, or where it asked. */
const isAnswer = async (core: Core, room: string, from: Address, { topic }: WelcomePointer): Promise<boolean> => {
  const { conversation, ask } = await core.store.read(async (tx) => ({
    conversation: await getConversation(tx, groupId(room)),
    ask: await tx.get<JobRecord>('jobs', `ask/${room}`),
  }))
  if (!conversation?.restoring || ask?.kind !== 'ask') return true
  return equalBytes(ask.topic, topic) || ask.people.includes(from)
}

export const readOn = async ({ links, clock, signal }: Core, rooms: Rooms, session: RoomSession): Promise<void> => {
  const { url } = session.record.hub
  await links.reach(url, { signal })
  if (await within(clock, READING, (over) => rooms.catchUp(session, { signal: over }), { signal })) return
  throw new DchatError('transport/unreachable', { relay: url, reason: 'its topic was not read to the end in time' })
}
