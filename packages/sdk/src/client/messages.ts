import { isUnsent } from '../domain/messages/place.ts'
import { DchatError } from '../errors.ts'
import type { SendableContent } from '../records/content.ts'
import type { ConversationId, Cursor, MessageId } from '../records/ids.ts'
import type { Action, Message } from '../records/message.ts'
import type { Abortable } from '../util/abort.ts'
import { changeConversation } from './change-conversation.ts'
import type { ActOptions, ChangeOptions, Messages, Page, SendOptions } from './client.ts'
import { getConversation } from './conversation-store.ts'
import type { Core } from './core.ts'
import { MessageActs } from './message-life/act.ts'
import { isSendable, queueMessage, retryMessage, sendable } from './message-life/queue.ts'
import { findMessage, getMessage } from './message-life/rows.ts'
import { messageReaches } from './message-life/wait.ts'
import { ackCursor, newestArrival, type StreamOptions, streamMessages } from './message-stream.ts'
import { toMessage } from './message-view.ts'
import type { MessageRecord } from './records.ts'
import { changeRoom } from './rooms/change-room.ts'
import type { Rooms } from './rooms/rooms.ts'
import { getControl } from './rooms/session.ts'

const PAGE = 50

export class MessagesApi implements Messages {
  readonly #core: Core
  readonly #rooms: Rooms
  readonly #acts: MessageActs

  constructor(core: Core, rooms: Rooms) {
    this.#core = core
    this.#rooms = rooms
    this.#acts = new MessageActs(core, rooms)
  }

  async get(id: MessageId): Promise<Message | undefined> {
    const record = await this.#core.store.read((tx) => getMessage(tx, id))
    return record === undefined ? undefined : toMessage(record)
  }

  async list(
    conversation: ConversationId,
    options: { before?: string; after?: string; limit?: number } = {},
  ): Promise<Page<Message>> {
    const limit = options.limit ?? PAGE
    if (!Number.isInteger(limit) || limit < 1 || limit > 1_000)
      throw new DchatError('usage/invalid-argument', { name: 'limit', reason: 'it is a whole number from 1 to 1000' })
    const rows = await this.#core.store.read((tx) =>
      tx.page<MessageRecord>('messages', {
        scope: conversation,
        limit,
        order: options.after === undefined ? 'descending' : 'ascending',
        ...(options.after === undefined ? {} : { after: place(options.after) }),
        ...(options.before === undefined ? {} : { before: place(options.before) }),
      }),
    )
    const last = rows[rows.length - 1]
    const items = rows.map(({ value }) => toMessage(value))
    return { items, ...(rows.length === limit && last !== undefined ? { next: `${last.value.place}` } : {}) }
  }

  async send(
    conversation: ConversationId,
    content: string | SendableContent,
    options: SendOptions = {},
  ): Promise<Message> {
    options.signal?.throwIfAborted()
    const full = sendable(content, options.replyTo)
    const message = await queueMessage(this.#core, this.#rooms, conversation, full, options.clientId)
    if (options.wait === undefined) return message
    return this.waitFor(message.id, options.wait, options)
  }

  async forward(id: MessageId, to: ConversationId, options: SendOptions = {}): Promise<Message> {
    const { content } = await this.#known(id)
    if (!isSendable(content)) throw new DchatError('message/not-permitted', { reason: 'only text can be forwarded' })
    const { replyTo: _, ...words } = content
    return this.send(to, { ...words, forwarded: true }, options)
  }

  retry(id: MessageId): Promise<Message> {
    return retryMessage(this.#core, this.#rooms, id)
  }

  react(id: MessageId, emoji: string, options: ActOptions = {}): Promise<Action> {
    return this.#acts.react(id, emoji, options)
  }

  unreact(id: MessageId, emoji: string, options: ActOptions = {}): Promise<Action | undefined> {
    return this.#acts.unreact(id, emoji, options)
  }

  edit(id: MessageId, content: string | SendableContent, options: ActOptions = {}): Promise<Action> {
    return this.#acts.edit(id, content, options)
  }

  delete(id: MessageId, options: ActOptions = {}): Promise<Action> {
    return this.#acts.delete(id, options)
  }

  async pin(id: MessageId, options: ChangeOptions = {}): Promise<void> {
    const { id: message, conversation, content, place: at } = await this.#known(id)
    const refuse = (reason: string) => new DchatError('message/not-permitted', { reason })
    if (isUnsent(at)) throw refuse('it was not sent yet')
    if (content.type === 'deleted' || content.type === 'notice') throw refuse('there is nothing in it to pin')
    await changeConversation(this.#core, this.#rooms, conversation, options, (session) =>
      changeRoom(session, ({ pins }) => pins.includes(message), [{ kind: 'pin', message }]),
    )
  }

  async unpin(id: MessageId, options: ChangeOptions = {}): Promise<void> {
    // What has disappeared here is still pinned, and can be taken off.
    const found = await this.#core.store.read((tx) => findMessage(tx, id))
    const message = found?.message.id ?? id
    const room = this.#rooms.all().find(({ snapshot }) => snapshot.pins.includes(message))
    const conversation = found?.message.conversation ?? room?.record.conversation
    if (conversation === undefined) throw new DchatError('message/unknown', { messageId: id })
    await changeConversation(this.#core, this.#rooms, conversation, options, (session) =>
      changeRoom(session, ({ pins }) => !pins.includes(message), [{ kind: 'unpin', message }]),
    )
  }

  pinned(conversation: ConversationId): Promise<readonly Message[]> {
    return this.#core.store.read(async (tx) => {
      const record = await getConversation(tx, conversation)
      if (record === undefined) throw new DchatError('conversation/unknown', { conversation })
      const control = record.active === undefined ? undefined : await getControl(tx, record.active)
      const messages = []
      for (const pin of control?.snapshot.pins ?? []) {
        const message = await getMessage(tx, pin)
        if (message !== undefined) messages.push(toMessage(message))
      }
      return messages
    })
  }

  changes(options: Abortable & { conversation?: ConversationId } = {}): AsyncIterable<Message> {
    const { conversation } = options
    return only(
      this.#core.updates.stream(options),
      (message) => conversation === undefined || message.conversation === conversation,
    )
  }

  waitFor(
    id: MessageId,
    state: 'sent' | 'delivered' | 'read',
    options: Abortable & { timeout?: number } = {},
  ): Promise<Message> {
    return messageReaches(this.#core, id, state, options)
  }

  stream(options: StreamOptions = {}): AsyncIterable<Message> {
    return streamMessages(this.#core, options)
  }

  ack(cursor: Cursor, options: { name?: string } = {}): Promise<void> {
    return ackCursor(this.#core, cursor, options.name)
  }

  async cursor(): Promise<Cursor> {
    return `${await newestArrival(this.#core)}` as Cursor
  }

  states(options: Abortable = {}): AsyncIterable<Message> {
    return only(this.#core.updates.stream(options), ({ own }) => own)
  }

  /** The message that an id names, its own or that of an edit. Throws `message/unknown`. */
  async #known(id: MessageId): Promise<MessageRecord> {
    const found = await this.#core.store.read((tx) => findMessage(tx, id))
    if (found === undefined || (found.ref !== undefined && found.ref.type !== 'edit'))
      throw new DchatError('message/unknown', { messageId: id })
    return found.message
  }
}

async function* only(messages: AsyncIterable<Message>, wanted: (message: Message) => boolean) {
  for await (const message of messages) if (wanted(message)) yield message
}

const place = (text: string): number => {
  const value = Number(text)
  if (Number.isSafeInteger(value)) return value
  throw new DchatError('usage/invalid-argument', { name: 'cursor', reason: 'it is not one that a page gave' })
}
