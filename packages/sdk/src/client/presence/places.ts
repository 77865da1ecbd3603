import { type Signalling, signalsOf, WATCHED } from '../../domain/presence/rules.ts'
import type { StoreReader } from '../../domain/store/store.ts'
import type { Address, ConversationId } from '../../records/ids.ts'
import { consentOf } from '../people/consent.ts'
import { getRegister } from '../personal/registers.ts'
import type { ConversationRecord } from '../records.ts'
import type { Rooms } from '../rooms/rooms.ts'
import type { RoomSession } from '../rooms/session.ts'

/** A conversation as signals see it, with what may be told and heard there. */
export interface Place extends Signalling {
  readonly conversation: ConversationId
  readonly session: RoomSession
  /** The other person of a direct message. */
  readonly peer?: Address
}

export const readSignalling = async (tx: StoreReader): Promise<Signalling> => ({
  typing: (await getRegister(tx, 'setting', 'typing')) !== false,
  presence: (await getRegister(tx, 'setting', 'presence')) !== false,
})

/** Undefined where nothing can be told. */
export const placeOf = async (
  tx: StoreReader,
  rooms: Rooms,
  record: ConversationRecord,
  settings: Signalling,
): Promise<Place | undefined> => {
  const { id, kind, peer, active, invitation, declined } = record
  const session = active === undefined ? undefined : rooms.get(active)
  const isInvited = kind === 'group' && invitation !== undefined
  if (session === undefined) return undefined
  const allowed = signalsOf(settings, {
    kind,
    isOpen: session.isMember && session.record.leaving !== true && !isInvited && declined !== true,
    people: session.snapshot.people.length,
    consent: peer === undefined ? 'unknown' : await consentOf(tx, peer),
    hasWritten: record.rooms.some((room) => rooms.get(room)?.record.spoke.own === true),
  })
  if (!allowed.typing && !allowed.presence) return undefined
  return { conversation: id, session, ...(peer === undefined ? {} : { peer }), ...allowed }
}

/** The places that matter now: the newest conversations, and those where this person types. */
export const placesNow = async (
  tx: StoreReader,
  rooms: Rooms,
  settings: Signalling,
  attended: Iterable<ConversationId>,
): Promise<readonly Place[]> => {
  const rows = await tx.page<ConversationRecord>('conversations', { scope: 'all', limit: WATCHED, order: 'descending' })
  const records = new Map(rows.map(({ value }) => [value.id, value]))
  for (const id of attended) {
    const record = records.has(id) ? undefined : await tx.get<ConversationRecord>('conversations', id)
    if (record !== undefined) records.set(id, record)
  }
  const places: Place[] = []
  for (const record of records.values()) {
    const place = await placeOf(tx, rooms, record, settings)
    if (place !== undefined) places.push(place)
  }
  return places
}
