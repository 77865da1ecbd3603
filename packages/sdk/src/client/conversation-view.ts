import type { StoreReader } from '../domain/store/store.ts'
import type { Conversation, ConversationState } from '../records/conversation.ts'
import { isBlocked } from './people/consent.ts'
import { getRegister, type RegisterValues } from './personal/registers.ts'
import type { ConversationRecord, ProfileRecord, RoomRecord } from './records.ts'

/** Where the registers of a conversation are found. */
export type ViewRegisters = <K extends ViewKind>(kind: K, subject: string) => Promise<RegisterValues[K] | undefined>
export type ViewKind = 'draft' | 'pin' | 'archived' | 'notify' | 'nickname'

/** Each by itself. */
const registersIn =
  (tx: StoreReader): ViewRegisters =>
  (kind, subject) =>
    getRegister(tx, kind, subject)

/** A conversation as the app sees it: its record, and what this person thinks of it. */
export const conversationView = async (
  tx: StoreReader,
  record: ConversationRecord,
  registers: ViewRegisters = registersIn(tx),
): Promise<Conversation> => {
  const { id, active, peer, timer } = record
  const isHidden = record.kind === 'group' && record.last !== undefined && (await isBlocked(tx, record.last.from))
  const last = isHidden ? undefined : record.last
  // Asked for together: a database answers each after a while.
  const [room, title, personal] = await Promise.all([
    active === undefined ? undefined : tx.get<RoomRecord>('rooms', active),
    record.kind === 'group' || peer === undefined ? record.name : nameIn(tx, registers, peer),
    personalOf(registers, id),
  ])
  return {
    id,
    kind: record.kind,
    state: stateOf(record, room),
    ...(peer === undefined ? {} : { peer }),
    ...(title === undefined ? {} : { title }),
    ...(timer === undefined || timer === 0 ? {} : { timer }),
    unread: record.unread,
    createdAt: record.createdAt,
    ...(last === undefined
      ? {}
      : { lastMessage: { id: last.id, from: last.from, preview: last.preview, at: last.at } }),
    ...personal,
  }
}

/** As `nameOf`, by registers that may have been read already. */
const nameIn = async (tx: StoreReader, registers: ViewRegisters, peer: string): Promise<string | undefined> =>
  (await registers('nickname', peer)) ?? (await tx.get<ProfileRecord>('profiles', peer))?.name

const personalOf = async (
  registers: ViewRegisters,
  id: Conversation['id'],
): Promise<Pick<Conversation, 'draft' | 'pinned' | 'archived' | 'notify'>> => {
  const [draft, pin, archived, notify] = await Promise.all([
    registers('draft', id),
    registers('pin', id),
    registers('archived', id),
    registers('notify', id),
  ])
  return {
    ...(draft && { draft }),
    ...(pin !== undefined && { pinned: true }),
    ...(archived && { archived }),
    ...(notify && { notify }),
  }
}

const stateOf = (record: ConversationRecord, room: RoomRecord | undefined): ConversationState => {
  if (record.invitation !== undefined && record.kind === 'group') return 'invited'
  if (record.invitation !== undefined && record.active === undefined) return 'request'
  // Known from the past alone, or over.
  if (record.active === undefined) return 'closed'
  if (room === undefined) return record.restoring ? 'rejoining' : 'opening'
  if (record.kind === 'group' && record.answered !== undefined) return 'opening'
  if (room.state === 'voided') return 'repairing'
  if (room.leaving && room.state !== 'closed') return 'leaving'
  return room.state === 'creating' ? 'opening' : room.state
}
