import { unsentPlace } from '../domain/messages/place.ts'
import { previewOf } from '../domain/messages/preview.ts'
import { reached } from '../domain/messages/state.ts'
import type { StoreWriter } from '../domain/store/store.ts'
import { DchatError } from '../errors.ts'
import { composeContent, messageIdOf, messageIdText } from '../protocol/content/content.ts'
import { hashOf } from '../protocol/wire/cbor.ts'
import type { SendableContent } from '../records/content.ts'
import type { ConversationId, Cursor, MessageId } from '../records/ids.ts'
import type { Message } from '../records/message.ts'
import type { Abortable } from '../util/abort.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import type { Messages, Page, SendOptions } from './client.ts'
import { getConversation, putConversation, reserveRoom } from './conversation-store.ts'
import type { Core } from './core.ts'
import { contentFrame, putIntent } from './intents.ts'
import { ackCursor, type StreamOptions, streamMessages } from './message-stream.ts'
import { toMessage } from './message-view.ts'
import type { ClientIdRecord, IntentRecord, MessageRecord, RoomRecord } from './records.ts'
import type { Rooms } from './rooms/rooms.ts'
import { putMessage } from './rooms/store-effects.ts'

const PAGE = 50
const WAIT = 30_000
const CLIENT_ID_LIMIT = 200

export class MessagesApi implements Messages {
  readonly #core: Core
  readonly #rooms: Rooms

  constructor(core: Core, rooms: Rooms) {
    this.#core = core
    this.#rooms = rooms
  }

  async get(id: MessageId): Promise<Message | undefined> {
    const record = await this.#read(id)
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
    const message = await this.#queue(conversation, normalise(content, options.replyTo), options.clientId)
    if (options.wait === undefined) return message
    return this.waitFor(message.id, options.wait, options)
  }

  async retry(id: MessageId): Promise<Message> {
    const { store, updates } = this.#core
    const record = await store.write(async (tx) => {
      const message = await tx.get<MessageRecord>('messages', id)
      if (message === undefined) throw new DchatError('message/unknown', { messageId: id })
      if (message.state !== 'failed' || message.intent === undefined) return message
      const room = await tx.get<RoomRecord>('rooms', message.room)
      if (room?.state === 'closed') return forget(tx, message, message.intent)
      const intent = await tx.get<IntentRecord>('outbox', message.intent)
      if (intent === undefined) return message
      tx.put('outbox', { key: message.intent, scope: intent.room, position: intent.ordinal, value: intent })
      const conversation = await getConversation(tx, message.conversation)
      if (conversation?.active === message.room) await reserveRoom(tx, this.#core, conversation, [])
      const { failure: _, ...rest } = message
      const queued: MessageRecord = { ...rest, state: 'queued' }
      putMessage(tx, queued)
      return queued
    })
    // The id names the room, and that is over: the same words go out as a new message in the one that goes on.
    if ('again' in record) return this.#queue(record.again.conversation, record.again.content, record.again.clientId)
    updates.emit(toMessage(record))
    this.#rooms.get(record.room)?.outgoing.open()
    return toMessage(record)
  }

  async waitFor(
    id: MessageId,
    state: 'sent' | 'delivered' | 'read',
    options: Abortable & { timeout?: number } = {},
  ): Promise<Message> {
    const { clock, updates, signal: closing } = this.#core
    const waited = options.timeout ?? WAIT
    const over = new AbortController()
    const signals = [closing, over.signal, ...(options.signal === undefined ? [] : [options.signal])]
    const signal = AbortSignal.any(signals)
    const stream = updates.stream({ signal })
    clock.sleep(waited, { signal }).then(
      () => over.abort(new DchatError('transport/unconfirmed', { waited })),
      () => undefined,
    )
    try {
      let message = await this.get(id)
      if (message === undefined) throw new DchatError('message/unknown', { messageId: id })
      while (!settled(message, state)) {
        const next = await stream.next()
        if (next.done) throw new DchatError('usage/closed', { what: 'client' })
        if (next.value.id === id) message = next.value
      }
      return message
    } finally {
      over.abort()
      await stream.return?.()
    }
  }

  stream(options: StreamOptions = {}): AsyncIterable<Message> {
    return streamMessages(this.#core, options)
  }

  ack(cursor: Cursor, options: { name?: string } = {}): Promise<void> {
    return ackCursor(this.#core, cursor, options.name)
  }

  states(options: Abortable = {}): AsyncIterable<Message> {
    const updates = this.#core.updates.stream(options)
    return (async function* () {
      for await (const message of updates) if (message.own) yield message
    })()
  }

  async #queue(id: ConversationId, content: SendableContent, clientId: string | undefined): Promise<Message> {
    if (clientId !== undefined && (clientId.length === 0 || clientId.length > CLIENT_ID_LIMIT))
      throw new DchatError('usage/invalid-argument', {
        name: 'clientId',
        reason: `it has 1 to ${CLIENT_ID_LIMIT} characters`,
      })
    const { store, self, clock, updates } = this.#core
    const fingerprint = hashOf('client-id', [id, content.type, textOf(content), content.replyTo ?? null])
    const { record, isNew } = await store.write(async (tx) => {
      const known = clientId === undefined ? undefined : await this.#repeated(tx, clientId, fingerprint)
      if (known !== undefined) return { record: known, isNew: false }
      const found = await getConversation(tx, id)
      if (found === undefined) throw new DchatError('conversation/unknown', { conversation: id })
      const conversation = await reserveRoom(tx, this.#core, found, [])
      const room = conversation.active
      const frame = contentFrame(this.#core, room)
      const bytes = composeContent(content, frame)
      const messageId = messageIdText(messageIdOf({ ...frame, content: bytes }))
      const intent = await putIntent(tx, this.#core, room, bytes, messageId)
      const message: MessageRecord = {
        id: messageId,
        conversation: id,
        room,
        from: self.address,
        device: self.device,
        own: true,
        content,
        state: 'queued',
        at: clock.now(),
        place: unsentPlace(intent.ordinal),
        intent: toHex(intent.reference),
        ...(clientId === undefined ? {} : { clientId }),
      }
      putMessage(tx, message)
      const last = {
        id: messageId,
        from: self.address,
        preview: previewOf(content),
        at: message.at,
        place: message.place,
      }
      await putConversation(tx, { ...conversation, last }, { moveUp: true })
      if (clientId !== undefined)
        tx.put('outbox', { key: `client/${clientId}`, value: { messageId, fingerprint } satisfies ClientIdRecord })
      return { record: message, isNew: true }
    })
    const message = toMessage(record)
    if (isNew) updates.emit(message)
    // Where the room is still to be opened, the durable job that was stored with the message does it.
    this.#rooms.get(record.room)?.outgoing.open()
    return message
  }

  async #repeated(
    tx: Parameters<Parameters<Core['store']['read']>[0]>[0],
    clientId: string,
    fingerprint: Uint8Array,
  ): Promise<MessageRecord | undefined> {
    const known = await tx.get<ClientIdRecord>('outbox', `client/${clientId}`)
    if (known === undefined) return undefined
    if (!equalBytes(known.fingerprint, fingerprint)) throw new DchatError('message/client-id-reused', { clientId })
    return tx.get<MessageRecord>('messages', known.messageId)
  }

  #read(id: MessageId): Promise<MessageRecord | undefined> {
    return this.#core.store.read((tx) => tx.get<MessageRecord>('messages', id))
  }
}

const forget = (tx: StoreWriter, message: MessageRecord, intent: string) => {
  const { conversation, content, clientId } = message
  if (content.type === 'unknown') return message
  tx.delete('messages', message.id)
  tx.delete('outbox', intent)
  if (clientId !== undefined) tx.delete('outbox', `client/${clientId}`)
  return { again: { conversation, content, clientId } }
}

const textOf = (content: SendableContent): string => (content.type === 'text' ? content.text : content.markdown)

const normalise = (content: string | SendableContent, replyTo: MessageId | undefined): SendableContent => {
  const full: SendableContent = typeof content === 'string' ? { type: 'text', text: content } : content
  if (textOf(full).length === 0)
    throw new DchatError('usage/invalid-argument', { name: 'content', reason: 'an empty message says nothing' })
  return replyTo === undefined ? full : { ...full, replyTo }
}

const place = (text: string): number => {
  const value = Number(text)
  if (Number.isSafeInteger(value)) return value
  throw new DchatError('usage/invalid-argument', { name: 'cursor', reason: 'it is not one that a page gave' })
}

const failureOf = (message: Message): DchatError =>
  message.failure === 'identity/unknown-peer'
    ? new DchatError('identity/unknown-peer', {
        peer: 'the person of this conversation',
        hint: 'ask for an invite link',
      })
    : new DchatError('transport/rejected', { relay: 'the hub', reason: message.failure ?? 'it could not be sent' })

/** True at the wanted state; a failure is thrown with its own code where the table knows it. */
const settled = (message: Message, state: 'sent' | 'delivered' | 'read'): boolean => {
  if (message.state === 'failed') throw failureOf(message)
  return reached(message.state, state)
}
