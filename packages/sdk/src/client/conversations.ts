import { reached } from '../domain/messages/state.ts'
import type { StoreReader } from '../domain/store/store.ts'
import { DchatError } from '../errors.ts'
import { isTimer } from '../protocol/messages/snapshot.ts'
import type { Conversation, ConversationState } from '../records/conversation.ts'
import type { Address, ConversationId, MessageId, RelayUrl } from '../records/ids.ts'
import type { Abortable } from '../util/abort.ts'
import { changeConversation } from './change-conversation.ts'
import type { ChangeOptions, Chat, Conversations, Page } from './client.ts'
import { dmWith, getConversation, putConversation, reserveRoom } from './conversation-store.ts'
import type { Core } from './core.ts'
import { putMessage } from './message-life/rows.ts'
import { toMessage } from './message-view.ts'
import type { MessagesApi } from './messages.ts'
import type { ContactRecord, ConversationRecord, MessageRecord, RoomRecord } from './records.ts'
import { noteRead, type Reports } from './reports.ts'
import { changeRoom } from './rooms/change-room.ts'
import type { Rooms } from './rooms/rooms.ts'
import type { RoomSession } from './rooms/session.ts'

const PAGE = 50
const READ_PAGE = 500

export class ConversationsApi implements Conversations {
  readonly #core: Core
  readonly #rooms: Rooms
  readonly #messages: MessagesApi
  readonly #reports: Reports
  readonly #withReports: (session: RoomSession) => boolean

  constructor(
    core: Core,
    rooms: Rooms,
    messages: MessagesApi,
    reports: Reports,
    withReports: (session: RoomSession) => boolean,
  ) {
    this.#core = core
    this.#rooms = rooms
    this.#messages = messages
    this.#reports = reports
    this.#withReports = withReports
  }

  async dm(peer: Address, options: Abortable & { relays?: readonly RelayUrl[] } = {}): Promise<Chat> {
    const { store, self, clock } = this.#core
    if (peer === self.address)
      throw new DchatError('usage/invalid-argument', { name: 'peer', reason: 'it is your own address' })
    const record = await store.write(async (tx) => {
      const contact = await tx.get<ContactRecord>('contacts', peer)
      const known = await dmWith(tx, self.address, peer, clock.now())
      const relays = [...new Set([...(options.relays ?? []), ...(contact?.relays ?? [])])]
      return reserveRoom(tx, this.#core, known, relays)
    })
    return this.chat(record.id)
  }

  async get(id: ConversationId): Promise<Conversation | undefined> {
    return this.#core.store.read(async (tx) => {
      const record = await getConversation(tx, id)
      return record === undefined ? undefined : toConversation(record, await related(tx, record))
    })
  }

  async list(options: { before?: string; limit?: number } = {}): Promise<Page<Conversation>> {
    const limit = options.limit ?? PAGE
    return this.#core.store.read(async (tx) => {
      const rows = await tx.page<ConversationRecord>('conversations', {
        scope: 'all',
        limit,
        order: 'descending',
        ...(options.before === undefined ? {} : { before: Number(options.before) }),
      })
      const items = []
      for (const { value } of rows) if (!value.declined) items.push(toConversation(value, await related(tx, value)))
      const last = rows[rows.length - 1]
      return { items, ...(rows.length === limit && last !== undefined ? { next: `${last.position}` } : {}) }
    })
  }

  /** Everything once, newest activity first, then each conversation again when it changed. */
  async *stream(options: Abortable = {}): AsyncGenerator<Conversation> {
    const { store } = this.#core
    const signal = options.signal ?? this.#core.signal
    const seen = new Map<ConversationId, string>()
    const changes = store.changes(['conversations', 'rooms'], { signal })[Symbol.asyncIterator]()
    let changed = changes.next()
    while (true) {
      let before: string | undefined
      do {
        const page = await this.list(before === undefined ? {} : { before })
        for (const item of page.items) {
          const shape = JSON.stringify(item)
          if (seen.get(item.id) === shape) continue
          seen.set(item.id, shape)
          yield item
        }
        before = page.next
      } while (before !== undefined)
      if ((await changed).done) return
      changed = changes.next()
    }
  }

  async setTimer(id: ConversationId, seconds: number, options: ChangeOptions = {}): Promise<void> {
    if (!isTimer(seconds))
      throw new DchatError('usage/invalid-argument', { name: 'seconds', reason: 'it is 0, or 5 seconds to a year' })
    await changeConversation(this.#core, this.#rooms, id, options, (session) =>
      changeRoom(session, (now) => now.timer === seconds, [{ kind: 'timer', seconds }]),
    )
  }

  async markRead(id: ConversationId, upTo?: MessageId): Promise<void> {
    const { store, updates } = this.#core
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
      const told = [...byRoom].filter(([room]) => this.#reportsTo(room))
      for (const [room, ids] of told) await noteRead(tx, room, ids)
      return { rooms: told.map(([room]) => room), read: { messages, more: rows.length === READ_PAGE } }
    })
    for (const message of read.messages) updates.emit(toMessage(message))
    for (const room of rooms) this.#reports.plan(room)
    if (read.more) await this.markRead(id, upTo)
  }

  #reportsTo(room: string): boolean {
    const session = this.#rooms.get(room)
    return session !== undefined && this.#withReports(session)
  }

  /** The conversation in the hand. */
  chat(id: ConversationId): Chat {
    return {
      id,
      send: (content, options) => this.#messages.send(id, content, options),
      record: async () => {
        const record = await this.get(id)
        if (record === undefined) throw new DchatError('conversation/unknown', { conversation: id })
        return record
      },
    }
  }
}

const related = async (tx: StoreReader, record: ConversationRecord) => ({
  room: record.active === undefined ? undefined : await tx.get<RoomRecord>('rooms', record.active),
  contact: record.peer === undefined ? undefined : await tx.get<ContactRecord>('contacts', record.peer),
})

const toConversation = (
  record: ConversationRecord,
  { room, contact }: Awaited<ReturnType<typeof related>>,
): Conversation => {
  const { last, peer, timer } = record
  const title = record.kind === 'group' ? record.name : contact?.name
  return {
    id: record.id,
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
  }
}

const stateOf = (record: ConversationRecord, room: RoomRecord | undefined): ConversationState => {
  if (record.invitation !== undefined) return 'invited'
  if (record.kind === 'group' && record.active === undefined) return 'closed'
  if (room === undefined) return record.restoring ? 'rejoining' : 'opening'
  if (record.kind === 'group' && record.answered !== undefined) return 'opening'
  if (room.state === 'voided') return 'repairing'
  if (room.leaving && room.state !== 'closed') return 'leaving'
  return room.state === 'creating' ? 'opening' : room.state
}
