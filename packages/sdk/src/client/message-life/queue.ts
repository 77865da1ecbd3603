import { unsentPlace } from '../../domain/messages/place.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import { composeContent } from '../../protocol/content/compose.ts'
import { messageIdOf, messageIdText } from '../../protocol/content/message-id.ts'
import { hashOf } from '../../protocol/wire/cbor.ts'
import type { Content, SendableContent } from '../../records/content.ts'
import type { ConversationId, MessageId } from '../../records/ids.ts'
import type { Message } from '../../records/message.ts'
import { toHex } from '../../util/bytes.ts'
import { checkClientId, forgetMade, madeWith, rememberMade } from '../client-ids.ts'
import { getConversation, putConversation, reserveRoom } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { contentFrame, putIntent } from '../intents.ts'
import { toMessage } from '../message-view.ts'
import type { IntentRecord, MessageRecord, RoomRecord } from '../records.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { lastOf } from './last.ts'
import { putMessage, withRootReply } from './rows.ts'

/** Stores a message and the intent to send it, in one transaction; from then on a crash loses nothing. */
export const queueMessage = async (
  core: Core,
  rooms: Rooms,
  id: ConversationId,
  given: SendableContent,
  clientId: string | undefined,
): Promise<Message> => {
  checkClientId(clientId)
  const { store, self, clock, updates } = core
  const fingerprint = fingerprintOf(id, given)
  const { record, isNew } = await store.write(async (tx) => {
    const known = await repeated(tx, clientId, fingerprint)
    if (known !== undefined) return { record: known, isNew: false }
    const found = await getConversation(tx, id)
    if (found === undefined) throw new DchatError('conversation/unknown', { conversation: id })
    const conversation = await reserveRoom(tx, core, found, [])
    const room = conversation.active
    const content = await withRootReply(tx, given)
    const frame = contentFrame(core, room)
    const bytes = composeContent(content, frame)
    const messageId = messageIdText(messageIdOf({ ...frame, content: bytes }))
    const intent = await putIntent(tx, core, room, bytes, { messageId })
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
    await putConversation(tx, { ...conversation, last: lastOf(message) }, { moveUp: true })
    rememberMade(tx, clientId, messageId, fingerprint)
    return { record: message, isNew: true }
  })
  const message = toMessage(record)
  if (isNew) updates.emit(message)
  // Where the room is still to be opened, the durable job that was stored with the message does it.
  rooms.get(record.room)?.outgoing.open()
  return message
}

/** Puts a failed message back into the queue; where its room is over, its words as a new message. */
export const retryMessage = async (core: Core, rooms: Rooms, id: MessageId): Promise<Message> => {
  const record = await core.store.write(async (tx) => {
    const message = await tx.get<MessageRecord>('messages', id)
    if (message === undefined) throw new DchatError('message/unknown', { messageId: id })
    if (message.state !== 'failed' || message.intent === undefined) return message
    const conversation = await getConversation(tx, message.conversation)
    const room = await tx.get<RoomRecord>('rooms', message.room)
    if (room?.state === 'closed' && conversation?.kind !== 'group') return forgotten(tx, message)
    const intent = await tx.get<IntentRecord>('outbox', message.intent)
    if (intent === undefined) return message
    if (conversation?.active === message.room) await reserveRoom(tx, core, conversation, [])
    tx.put('outbox', { key: message.intent, scope: intent.room, position: intent.ordinal, value: intent })
    const { failure: _, ...rest } = message
    const queued: MessageRecord = { ...rest, state: 'queued' }
    putMessage(tx, queued)
    return queued
  })
  // The id names the room, and that is over: the same words go out as a new message in the one that goes on.
  if ('again' in record) {
    const { conversation, content, clientId } = record.again
    return queueMessage(core, rooms, conversation, content, clientId)
  }
  core.updates.emit(toMessage(record))
  rooms.get(record.room)?.outgoing.open()
  return toMessage(record)
}

/** Takes a message that was never sent out of the store, with everything that would send it. */
export const dropUnsent = async (tx: StoreWriter, { id, intent, clientId }: MessageRecord): Promise<void> => {
  tx.delete('messages', id)
  if (intent !== undefined) await dropIntent(tx, intent)
  forgetMade(tx, clientId)
}

/** Of an attempt that failed the hashes stay: should it stand in a topic after all, it is known as an own one. */
const dropIntent = async (tx: StoreWriter, key: string): Promise<void> => {
  const intent = await tx.get<IntentRecord>('outbox', key)
  if (intent === undefined || intent.tried.length === 0) {
    tx.delete('outbox', key)
    return
  }
  const { messageId: _, ...rest } = intent
  tx.put('outbox', { key, value: { ...rest, content: new Uint8Array(0) } })
}

const forgotten = async (tx: StoreWriter, message: MessageRecord) => {
  const { conversation, content, clientId } = message
  if (!isSendable(content)) return message
  await dropUnsent(tx, message)
  return { again: { conversation, content, clientId } }
}

export const isSendable = (content: Content): content is SendableContent =>
  content.type === 'text' || content.type === 'markdown'

/** What a caller hands over, as content. Throws `usage/invalid-argument` where it says nothing. */
export const sendable = (content: string | SendableContent, replyTo?: MessageId): SendableContent => {
  const full: SendableContent = typeof content === 'string' ? { type: 'text', text: content } : content
  if (textOf(full).length === 0)
    throw new DchatError('usage/invalid-argument', { name: 'content', reason: 'an empty message says nothing' })
  return replyTo === undefined ? full : { ...full, replyTo }
}

/** The words themselves. */
export const textOf = (content: SendableContent): string => (content.type === 'text' ? content.text : content.markdown)

const fingerprintOf = (id: ConversationId, content: SendableContent): Uint8Array =>
  hashOf('client-id', [
    id,
    content.type,
    textOf(content),
    content.replyTo ?? null,
    ...(content.forwarded ? ['forwarded'] : []),
  ])

const repeated = async (
  tx: StoreReader,
  clientId: string | undefined,
  fingerprint: Uint8Array,
): Promise<MessageRecord | undefined> => {
  const known = await madeWith(tx, clientId, fingerprint)
  return known === undefined ? undefined : tx.get<MessageRecord>('messages', known)
}
