import { reached } from '../../domain/messages/state.ts'
import type { ReadPosition } from '../../domain/personal/merge.ts'
import type { StoreReader } from '../../domain/store/store.ts'
import type { ConversationId } from '../../records/ids.ts'
import { getConversation, putConversation } from '../conversation-store.ts'
import { putMessage } from '../message-life/rows.ts'
import { toMessage } from '../message-view.ts'
import type { MessageRecord } from '../records.ts'
import type { Reaction } from './reaction.ts'
import { covers } from './read-position.ts'
import { getRegister } from './registers.ts'

const PAGE = 500

/** Another own device has read further: what it read is read here too, and nobody is told of it twice. */
export const readElsewhere: Reaction = async (tx, _, subject, told) => {
  const id = subject as ConversationId
  const record = await getConversation(tx, id)
  const position = await getRegister(tx, 'read', id)
  if (record === undefined || position === undefined) return
  const isRead = await upTo(tx, id, position)
  let { readPlace, unread } = record
  for (let more = true; more; ) {
    const rows = await tx.page<MessageRecord>('messages', { scope: id, after: readPlace, limit: PAGE })
    const read = rows.map(({ value }) => value).filter((message) => message.arrival !== undefined && isRead(message))
    for (const message of read) {
      readPlace = Math.max(readPlace, message.place)
      if (message.own || reached(message.state, 'read')) continue
      const value: MessageRecord = { ...message, state: 'read' }
      unread = Math.max(0, unread - 1)
      putMessage(tx, value)
      told.messages.push(toMessage(value))
    }
    more = rows.length === PAGE && read.length === PAGE
  }
  await putConversation(tx, { ...record, readPlace, unread })
}

/** Places of a direct message are each device's own: where the message is known, its place here counts. */
const upTo = async (
  tx: StoreReader,
  id: ConversationId,
  position: ReadPosition,
): Promise<(message: Pick<MessageRecord, 'at' | 'place'>) => boolean> => {
  const known = await tx.get<MessageRecord>('messages', position.message)
  if (known?.conversation === id && known.arrival !== undefined) return ({ place }) => place <= known.place
  return (message) => covers(position, message)
}
