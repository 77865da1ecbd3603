import { unsentPlace } from '../../domain/messages/place.ts'
import type { StoreReader } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import { composeContent } from '../../protocol/content/compose.ts'
import { checkKeyboard, encodeKeyboard } from '../../protocol/content/keyboard.ts'
import { messageIdOf, messageIdText } from '../../protocol/content/message-id.ts'
import { hashOf } from '../../protocol/wire/cbor.ts'
import type { Content, SendableContent } from '../../records/content.ts'
import type { ConversationId, MessageId } from '../../records/ids.ts'
import type { Message } from '../../records/message.ts'
import { toHex } from '../../util/bytes.ts'
import { checkClientId, madeWith, rememberMade } from '../client-ids.ts'
import { putConversation, reserveRoom } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { contentFrame, putIntent } from '../intents.ts'
import { toMessage } from '../message-view.ts'
import { toWriteIn } from '../people/decide.ts'
import type { MessageRecord } from '../records.ts'
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
  await core.profile.prepare(core)
  const { record, isNew } = await store.write(async (tx) => {
    const known = await repeated(tx, clientId, fingerprint)
    if (known !== undefined) return { record: known, isNew: false }
    const conversation = await reserveRoom(tx, core, await toWriteIn(tx, core, id), [])
    const room = conversation.active
    const content = await withRootReply(tx, given)
    const frame = contentFrame(core, room)
    const bytes = composeContent(content, frame)
    const messageId = messageIdText(messageIdOf({ ...frame, content: bytes }))
    await core.profile.putInto(tx, core, room)
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

export const isSendable = (content: Content): content is SendableContent =>
  content.type === 'text' || content.type === 'markdown'

/** What a caller hands over, as content. Throws `usage/invalid-argument` where it says nothing. */
export const sendable = (content: string | SendableContent, replyTo?: MessageId): SendableContent => {
  const full: SendableContent = typeof content === 'string' ? { type: 'text', text: content } : content
  if (textOf(full).length === 0)
    throw new DchatError('usage/invalid-argument', { name: 'content', reason: 'an empty message says nothing' })
  if (full.keyboard !== undefined) checkKeyboard(full.keyboard)
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
    ...(content.keyboard === undefined ? [] : [encodeKeyboard(content, content.keyboard)]),
  ])

const repeated = async (
  tx: StoreReader,
  clientId: string | undefined,
  fingerprint: Uint8Array,
): Promise<MessageRecord | undefined> => {
  const known = await madeWith(tx, clientId, fingerprint)
  return known === undefined ? undefined : tx.get<MessageRecord>('messages', known)
}
