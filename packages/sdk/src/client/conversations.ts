import { DchatError } from '../errors.ts'
import type { AuditReport } from '../records/audit.ts'
import type { Conversation } from '../records/conversation.ts'
import type { ConversationHubs } from '../records/group.ts'
import type { Address, ConversationId, MessageId, RelayUrl } from '../records/ids.ts'
import type { Abortable } from '../util/abort.ts'
import type { Page } from './api/page.ts'
import type { PersonalConversations } from './api/personal.ts'
import type { ChangeOptions, Chat, Conversations } from './client.ts'
import { dmWith, getConversation, reserveRoom } from './conversation-store.ts'
import { conversationView } from './conversation-view.ts'
import type { Core } from './core.ts'
import type { MessagesApi } from './messages.ts'
import { isBlocked } from './people/consent.ts'
import { toWriteIn } from './people/decide.ts'
import { relaysOfContact } from './people/names.ts'
import { personalConversations } from './personal/verbs.ts'
import type { Reports, WithReports } from './reports.ts'
import type { Rooms } from './rooms/rooms.ts'

const PAGE = 50

export class ConversationsApi implements Conversations {
  readonly #core: Core
  readonly #rooms: Rooms
  readonly #messages: MessagesApi
  readonly #reports: Reports
  readonly setDraft: PersonalConversations['setDraft']
  readonly setPinned: PersonalConversations['setPinned']
  readonly setArchived: PersonalConversations['setArchived']
  readonly setNotify: PersonalConversations['setNotify']
  readonly #withReports: WithReports

  constructor(core: Core, rooms: Rooms, messages: MessagesApi, reports: Reports, withReports: WithReports) {
    this.#core = core
    this.#rooms = rooms
    this.#messages = messages
    this.#reports = reports
    this.#withReports = withReports
    const { setDraft, setPinned, setArchived, setNotify } = personalConversations(core)
    this.setDraft = setDraft
    this.setPinned = setPinned
    this.setArchived = setArchived
    this.setNotify = setNotify
  }

  async dm(peer: Address, options: Abortable & { relays?: readonly RelayUrl[] } = {}): Promise<Chat> {
    const { store, self, clock } = this.#core
    if (peer === self.address)
      throw new DchatError('usage/invalid-argument', { name: 'peer', reason: 'it is your own address' })
    const record = await store.write(async (tx) => {
      const known = await dmWith(tx, self.address, peer, clock.now())
      if (await isBlocked(tx, peer)) {
        // Looked at, not written to; nothing new begins.
        if (known.active === undefined) throw new DchatError('conversation/blocked', { conversation: known.id })
        return known
      }
      const relays = [...new Set([...(options.relays ?? []), ...(await relaysOfContact(tx, peer))])]
      return reserveRoom(tx, this.#core, await toWriteIn(tx, this.#core, known.id), relays)
    })
    return this.chat(record.id)
  }

  async get(id: ConversationId): Promise<Conversation | undefined> {
    return this.#core.store.read(async (tx) => {
      const record = await getConversation(tx, id)
      return record === undefined ? undefined : conversationView(tx, record)
    })
  }

  async list(options: { before?: string; limit?: number } = {}): Promise<Page<Conversation>> {
    const limit = options.limit ?? PAGE
    const { listConversations } = await import('./later.ts')
    return this.#core.store.read((tx) => listConversations(tx, { ...options, limit }))
  }

  async *stream(options: Abortable = {}): AsyncGenerator<Conversation> {
    const { streamConversations } = await import('./later.ts')
    yield* streamConversations(this.#core, options)
  }

  async setTimer(id: ConversationId, seconds: number, options: ChangeOptions = {}): Promise<void> {
    await (await import('./later.ts')).setTimer(this.#core, this.#rooms, id, seconds, options)
  }

  async hubs(id: ConversationId): Promise<ConversationHubs> {
    return (await import('./later.ts')).conversationHubs(this.#core, this.#rooms, id)
  }

  async setHubs(id: ConversationId, relays: readonly RelayUrl[], options: ChangeOptions = {}): Promise<void> {
    await (await import('./later.ts')).setHubs(this.#core, this.#rooms, id, relays, options)
  }

  async moveTo(id: ConversationId, relay: RelayUrl, options: ChangeOptions = {}): Promise<void> {
    await (await import('./later.ts')).moveTo(this.#core, this.#rooms, id, relay, options)
  }

  async markRead(id: ConversationId, upTo?: MessageId): Promise<void> {
    const { markRead } = await import('./later.ts')
    await markRead(this.#core, { rooms: this.#rooms, reports: this.#reports, withReports: this.#withReports }, id, upTo)
  }

  async audit(id: ConversationId, options: Abortable = {}): Promise<AuditReport> {
    return (await import('./later.ts')).auditConversation(this.#core, this.#rooms, id, options)
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
