import { reached } from '../../domain/messages/state.ts'
import type { StoreReader } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import type { ConversationId, MessageId } from '../../records/ids.ts'
import { getConversation, putConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { putMessage } from '../message-life/rows.ts'
import { toMessage } from '../message-view.ts'
import type { MessageRecord } from '../records.ts'
import type { Reports, WithReports } from '../reports.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { noteRead } from '../send-report.ts'
import { setRegister } from './registers.ts'

const READ_PAGE = 500

interface ReadParts {
  readonly rooms: Rooms
  readonly reports: Reports
  readonly withReports: WithReports
}

/** Reads everything up to a message, or all, and tells those who want reports. */
export const markRead = async (core: Core, parts: ReadParts, id: ConversationId, upTo?: MessageId): Promise<void> => {
  const { store, updates } = core
  const { rooms, read } = await store.write(async (tx) => {
    const record = await getConversation(tx, id)
    if (record === undefined) throw new DchatError('conversation/unknown', { conversation: id })
    const end = upTo === undefined ? undefined : await tx.get<MessageRecord>('messages', upTo)
    if (upTo !== undefined && end?.conversation !== id) throw new DchatError('message/unknown', { messageId: upTo })
    const rows = await tx.page<MessageRecord>('messages', {
      scope: id,
      after: record.readPlace,
      limit: READ_PAGE,
      ...(end === undefined ? {} : { before: end.place + 1 }),
    })
    const fresh = rows.map(({ value }) => value).filter(({ own, state }) => !own && !reached(state, 'read'))
    const messages = fresh.map((message): MessageRecord => ({ ...message, state: 'read' }))
    for (const message of messages) putMessage(tx, message)
    const placed = rows.map(({ value }) => value).filter(({ arrival }) => arrival !== undefined)
    const readPlace = Math.max(record.readPlace, ...placed.map(({ place }) => place))
    const unread = Math.max(0, record.unread - messages.length)
    await putConversation(tx, { ...record, readPlace, unread })
    const byRoom = new Map<string, MessageId[]>()
    for (const { room, id: message } of messages) byRoom.set(room, [...(byRoom.get(room) ?? []), message])
    const last = placed[placed.length - 1]
    if (last !== undefined && messages.length > 0) {
      const { id: message, at, place } = last
      await setRegister(tx, core, 'read', id, { message, at, place })
    }
    const told = []
    for (const entry of byRoom) if (await reportsTo(tx, parts, entry[0])) told.push(entry)
    for (const [room, ids] of told) await noteRead(tx, room, ids)
    return { rooms: told.map(([room]) => room), read: { messages, more: rows.length === READ_PAGE } }
  })
  for (const message of read.messages) updates.emit(toMessage(message))
  for (const room of rooms) parts.reports.plan(room)
  if (read.more) await markRead(core, parts, id, upTo)
}

const reportsTo = async (tx: StoreReader, { rooms, withReports }: ReadParts, room: string): Promise<boolean> => {
  const session = rooms.get(room)
  return session !== undefined && withReports(tx, session)
}
