import { DchatError } from '../errors.ts'
import type { Arrival } from '../records/arrival.ts'
import type { PressAnswer, SendableContent } from '../records/content.ts'
import type { ConversationId, Cursor, MessageId } from '../records/ids.ts'
import type { Action, Message, PendingAction } from '../records/message.ts'
import type { Abortable } from '../util/abort.ts'
import type { Page } from './api/page.ts'
import type { ActOptions, ChangeOptions, Messages, SendOptions } from './client.ts'
import type { Core } from './core.ts'
import { isSendable, queueMessage, sendable } from './message-life/queue.ts'
import { getMessage, knownMessage } from './message-life/rows.ts'
import { messageReaches } from './message-life/wait.ts'
import { ackCursor, newestArrival, type StreamOptions, streamMessages } from './message-stream.ts'
import { toMessage } from './message-view.ts'
import { hiddenMessages } from './people/silence.ts'
import type { MessageRecord } from './records.ts'
import type { Rooms } from './rooms/rooms.ts'

const PAGE = 50

export class MessagesApi implements Messages {
  readonly #core: Core
  readonly #rooms: Rooms

  constructor(core: Core, rooms: Rooms) {
    this.#core = core
    this.#rooms = rooms
  }

  async get(id: MessageId): Promise<Message | undefined> {
    return this.#core.store.read(async (tx) => {
      const record = await getMessage(tx, id)
      return record === undefined || (await hiddenMessages(tx, this.#core)(record)) ? undefined : toMessage(record)
    })
  }

  async list(
    conversation: ConversationId,
    options: { before?: string; after?: string; limit?: number } = {},
  ): Promise<Page<Message>> {
    const limit = options.limit ?? PAGE
    if (!Number.isInteger(limit) || limit < 1 || limit > 1_000)
      throw new DchatError('usage/invalid-argument', { name: 'limit', reason: 'it is a whole number from 1 to 1000' })
    return this.#core.store.read(async (tx) => {
      const rows = await tx.page<MessageRecord>('messages', {
        scope: conversation,
        limit,
        order: options.after === undefined ? 'descending' : 'ascending',
        ...(options.after === undefined ? {} : { after: place(options.after) }),
        ...(options.before === undefined ? {} : { before: place(options.before) }),
      })
      const last = rows[rows.length - 1]
      const isHidden = hiddenMessages(tx, this.#core)
      const items: Message[] = []
      for (const { value } of rows) if (!(await isHidden(value))) items.push(toMessage(value))
      return { items, ...(rows.length === limit && last !== undefined ? { next: `${last.value.place}` } : {}) }
    })
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
    const { content } = await knownMessage(this.#core, id)
    if (!isSendable(content)) throw new DchatError('message/not-permitted', { reason: 'only text can be forwarded' })
    // Its buttons would ask somebody else than who made them.
    const { replyTo: _, keyboard: __, ...words } = content
    return this.send(to, { ...words, forwarded: true }, options)
  }

  async retry(id: MessageId): Promise<Message> {
    return (await import('./later.ts')).retryMessage(this.#core, this.#rooms, id)
  }

  async react(id: MessageId, emoji: string, options: ActOptions = {}): Promise<Action> {
    return (await this.#acts()).react(id, emoji, options)
  }

  async unreact(id: MessageId, emoji: string, options: ActOptions = {}): Promise<Action | undefined> {
    return (await this.#acts()).unreact(id, emoji, options)
  }

  async edit(id: MessageId, content: string | SendableContent, options: ActOptions = {}): Promise<Action> {
    return (await this.#acts()).edit(id, content, options)
  }

  async delete(id: MessageId, options: ActOptions = {}): Promise<Action> {
    return (await this.#acts()).delete(id, options)
  }

  async press(id: MessageId, callback: string, options: ActOptions = {}): Promise<Action> {
    return (await this.#acts()).press(id, callback, options)
  }

  async answerPress(press: MessageId, answer: Partial<PressAnswer> = {}, options: ActOptions = {}): Promise<Action> {
    const { text = '', alert = false } = answer
    return (await this.#acts()).answerPress(press, { text, alert }, options)
  }

  async pin(id: MessageId, options: ChangeOptions = {}): Promise<void> {
    await (await import('./later.ts')).pinMessage(this.#core, this.#rooms, id, options)
  }

  async unpin(id: MessageId, options: ChangeOptions = {}): Promise<void> {
    await (await import('./later.ts')).unpinMessage(this.#core, this.#rooms, id, options)
  }

  async pinned(conversation: ConversationId): Promise<readonly Message[]> {
    return (await import('./later.ts')).pinnedMessages(this.#core, conversation)
  }

  async pending(conversation: ConversationId): Promise<readonly PendingAction[]> {
    return (await import('./later.ts')).pendingActions(this.#core, conversation)
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

  arrivals(options: StreamOptions = {}): AsyncIterable<Arrival> {
    const core = this.#core
    return (async function* () {
      yield* (await import('./later.ts')).streamArrivals(core, options)
    })()
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

  /** What is done to messages loads when it is used. */
  async #acts() {
    return new (await import('./later.ts')).MessageActs(this.#core, this.#rooms)
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
