import { DchatError } from '../../errors.ts'
import type { MessageId } from '../../records/ids.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { array, bytes, int, tuple } from '../wire/schema.ts'
import { MESSAGE_ID_LENGTH, messageIdBytes, messageIdText } from './message-id.ts'

export const STATUS_MEDIA_TYPE = 'application/mimi-message-status'

/** In the order of their numbers (draft-mahy-mimi-message-status-01). */
export const MESSAGE_STATUSES = ['unread', 'delivered', 'read', 'expired', 'deleted', 'hidden', 'error'] as const
export type KnownStatus = (typeof MESSAGE_STATUSES)[number]
/** A number (7 to 255) is a status that this version does not know. */
export type MessageStatus = KnownStatus | number

export interface StatusItem {
  readonly id: MessageId
  readonly status: MessageStatus
}

/** Items of one report, at most. */
export const STATUS_LIMIT = 1000

const FORMAT = 'status report'

const numberOf = (status: MessageStatus): number => {
  const number = typeof status === 'number' ? status : MESSAGE_STATUSES.indexOf(status)
  if (!Number.isInteger(number) || number < 0 || number > 255)
    throw new DchatError('usage/invalid-argument', { name: 'status', reason: 'it is not a message status' })
  return number
}

/** Throws `protocol/too-large` beyond 1000 items. */
export const encodeStatusReport = (items: readonly StatusItem[]): Uint8Array => {
  if (items.length > STATUS_LIMIT)
    throw new DchatError('protocol/too-large', { what: FORMAT, size: items.length, limit: STATUS_LIMIT })
  return encodeCbor(items.map(({ id, status }) => [messageIdBytes(id), numberOf(status)]))
}

const schema = array(tuple(bytes(MESSAGE_ID_LENGTH), int(0, 255)), 0, STATUS_LIMIT)

/** Throws `protocol/too-large` and `protocol/malformed`. */
export const decodeStatusReport = (encoded: Uint8Array): StatusItem[] => {
  const limits = { size: 64 * 1024, depth: 2, items: 3 * STATUS_LIMIT + 1, deterministic: false }
  return schema(decodeCbor(encoded, FORMAT, limits), FORMAT).map(([id, status]) => ({
    id: messageIdText(id),
    status: MESSAGE_STATUSES[status] ?? status,
  }))
}
