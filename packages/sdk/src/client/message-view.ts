import { isUnsent } from '../domain/messages/place.ts'
import type { Cursor } from '../records/ids.ts'
import type { Message } from '../records/message.ts'
import type { MessageRecord } from './records.ts'

/** The record as the SDK's users see it. */
export const toMessage = (record: MessageRecord): Message => ({
  id: record.id,
  conversation: record.conversation,
  from: record.from,
  device: record.device,
  own: record.own,
  content: record.content,
  state: record.state,
  at: record.at,
  ...(record.failure === undefined ? {} : { failure: record.failure }),
  ...(record.clientId === undefined ? {} : { clientId: record.clientId }),
  ...(isUnsent(record.place) ? {} : { position: record.place }),
  ...(record.arrival === undefined ? {} : { cursor: `${record.arrival}` as Cursor }),
})
