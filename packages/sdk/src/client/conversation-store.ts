import type { StoreReader, StoreWriter } from '../domain/store/store.ts'
import { DchatError } from '../errors.ts'
import { hashOf } from '../protocol/wire/cbor.ts'
import type { Address, ConversationId, RelayUrl } from '../records/ids.ts'
import { fromHex, toHex } from '../util/bytes.ts'
import type { Core } from './core.ts'
import { putJob } from './jobs.ts'
import type { ConversationRecord, RoomRecord } from './records.ts'

/** A direct message keeps its id when its room changes: it is named by its two people. */
export const dmId = (a: Address, b: Address): ConversationId =>
  toHex(hashOf('dm', [a, b].sort()).subarray(0, 16)) as ConversationId

export const getConversation = (tx: StoreReader, id: ConversationId): Promise<ConversationRecord | undefined> =>
  tx.get<ConversationRecord>('conversations', id)

/** Writes the record at its place in the order of activity; `moveUp` makes it the newest. */
export const putConversation = async (
  tx: StoreWriter,
  record: ConversationRecord,
  options: { readonly moveUp?: boolean } = {},
): Promise<ConversationRecord> => {
  const activity = options.moveUp ? await nextCount(tx, 'activity') : record.activity
  const value: ConversationRecord = { ...record, activity }
  tx.put('conversations', { key: record.id, scope: 'all', position: activity, value })
  return value
}

/** The conversation with a person, as it is or new. */
export const dmWith = async (
  tx: StoreWriter,
  own: Address,
  peer: Address,
  now: number,
): Promise<ConversationRecord> => {
  const id = dmId(own, peer)
  const known = await getConversation(tx, id)
  if (known !== undefined) return known
  const record: ConversationRecord = {
    id,
    kind: 'dm',
    peer,
    createdAt: now,
    rooms: [],
    unread: 0,
    activity: 0,
    readPlace: -1,
  }
  return putConversation(tx, record, { moveUp: true })
}

/** A group keeps its id over all its topics: it is named by its room. */
export const groupId = (room: string): ConversationId =>
  toHex(hashOf('group', fromHex(room) as Uint8Array).subarray(0, 16)) as ConversationId

/** The conversation of a group's room, as it is or new. */
export const groupOf = async (
  tx: StoreWriter,
  room: string,
  name: string,
  now: number,
): Promise<ConversationRecord> => {
  const id = groupId(room)
  const known = await getConversation(tx, id)
  if (known !== undefined) return known
  const record: ConversationRecord = {
    id,
    kind: 'group',
    name,
    createdAt: now,
    rooms: [],
    active: room,
    unread: 0,
    activity: 0,
    readPlace: -1,
  }
  return putConversation(tx, record, { moveUp: true })
}

/** Counters that order rows; each value is given once. */
export const nextCount = async (tx: StoreWriter, name: 'activity' | 'rooms' | 'outbox' | 'offers'): Promise<number> => {
  const value = ((await tx.get<number>('meta', name)) ?? 0) + 1
  tx.put('meta', { key: name, value })
  return value
}

/** A group has one room for good; where this person is not in it, nothing can be said. */
const groupRoom = async (
  tx: StoreReader,
  record: ConversationRecord,
): Promise<ConversationRecord & { readonly active: string }> => {
  const { active, invitation } = record
  const room = active === undefined ? undefined : await tx.get<RoomRecord>('rooms', active)
  const isOver = room?.state === 'closed' || room?.leaving === true
  if (active === undefined || invitation !== undefined || isOver)
    throw new DchatError('conversation/not-member', { conversation: record.id })
  return { ...record, active }
}

/** More than any person has at a time. */
const RELAYS = 8

/**
 * Names the room that the conversation's messages will belong to, and the durable work that opens it; what was said before
 * of where the other person may be found counts too.
 */
export const reserveRoom = async (
  tx: StoreWriter,
  core: Pick<Core, 'crypto' | 'clock'>,
  record: ConversationRecord,
  relays: readonly RelayUrl[],
): Promise<ConversationRecord & { readonly active: string }> => {
  if (record.kind === 'group') return groupRoom(tx, record)
  const { active = toHex(core.crypto.random(32)) } = record
  const isThere = record.active !== undefined && (await tx.get('rooms', active)) !== undefined
  if (isThere || record.restoring) return { ...record, active }
  const all = [...new Set([...relays, ...(record.relays ?? [])])].slice(0, RELAYS)
  await putJob(tx, `open/${record.id}`, { kind: 'open-dm', conversation: record.id, relays: all }, core.clock.now())
  const reserved = { ...record, active, ...(all.length > 0 && { relays: all }) }
  await putConversation(tx, reserved)
  return reserved
}
