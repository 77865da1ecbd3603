import { personOf } from '../../domain/rooms/permissions.ts'
import { DchatError } from '../../errors.ts'
import { decodeWelcomePointer, type WelcomePointer } from '../../protocol/inbox/bodies.ts'
import type { Address } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { within } from '../../util/wait.ts'
import { getConversation, groupId } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import type { JobRecord } from '../records.ts'
import type { Rooms } from './rooms.ts'
import type { RoomSession } from './session.ts'

/** ms that a room has to read to its end before a Welcome to it is looked at. */
const READING = 30_000
const HUB_PATIENCE = 5_000

/**
 * A Welcome names a room by an id that everybody who was ever in it knows. So a room that this device has is entered
 * again only where its own log, or its own question, leads: anything else could put the conversation into a group of
 * somebody's choice. Old Welcomes that come again are dropped.
 */
export const mayEnter = async (core: Core, rooms: Rooms, from: Address, encoded: Uint8Array): Promise<boolean> => {
  const pointer = decodeWelcomePointer(encoded)
  const room = toHex(pointer.room)
  const known = rooms.get(room)
  if (known === undefined) return pointer.kind === 'dm' || isAnswer(core, room, from, pointer)
  const { record } = known
  const isSame = equalBytes(record.topic, pointer.topic) && equalBytes(record.hub.key, pointer.hub.key)
  switch (record.state) {
    case 'creating':
      return false
    case 'open':
      // If this device was taken out, its own log says so, and it comes back like anybody.
      if (!isSame) return false
      await readOn(core, rooms, known)
      return known.record.state === 'closed' && pointer.seq > known.record.seq
    case 'closed':
      return !isSame || pointer.seq > record.seq
    default:
      return isSame || from === core.self.address || personOf(known.snapshot, from) !== undefined
  }
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

const readOn = async ({ links, clock, signal }: Core, rooms: Rooms, session: RoomSession): Promise<void> => {
  const { url } = session.record.hub
  await links.get(url).ready({ signal, timeout: HUB_PATIENCE })
  if (await within(clock, READING, (over) => rooms.catchUp(session, { signal: over }), { signal })) return
  throw new DchatError('transport/unreachable', { relay: url, reason: 'its topic was not read to the end in time' })
}
