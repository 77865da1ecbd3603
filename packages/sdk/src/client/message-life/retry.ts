import type { StoreWriter } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import type { MessageId } from '../../records/ids.ts'
import type { Message } from '../../records/message.ts'
import { forgetMade } from '../client-ids.ts'
import { getConversation, reserveRoom } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { enqueue } from '../intents.ts'
import { toMessage } from '../message-view.ts'
import type { IntentRecord, MessageRecord, RoomRecord } from '../records.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { isSendable, queueMessage } from './queue.ts'
import { deleteMessage, putMessage } from './rows.ts'

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
    enqueue(tx, intent)
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
export const dropUnsent = async (tx: StoreWriter, message: MessageRecord): Promise<void> => {
  const { intent, clientId } = message
  deleteMessage(tx, message)
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
  // A step of an offer counts for everybody should it stand in the topic after all: then it counts here too.
  if (intent.offer !== undefined) {
    tx.put('outbox', { key, value: intent })
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
