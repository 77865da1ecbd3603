import type { Content } from './content.ts'
import type { Address, ConversationId, Cursor, DeviceId, MessageId } from './ids.ts'

/** The way of an own message. It moves only to the right; `failed` may go back to `queued` by a retry. */
export type MessageState = 'queued' | 'sending' | 'sent' | 'delivered' | 'read' | 'failed'

export interface Message {
  readonly id: MessageId
  readonly conversation: ConversationId
  readonly from: Address
  readonly device: DeviceId
  readonly own: boolean
  readonly content: Content
  /** Own messages: where it is on its way. Others' messages: 'delivered' until read here, then 'read'. */
  readonly state: MessageState
  /** Why it failed: an error code of the table. */
  readonly failure?: string
  /** The caller's idempotency key, own messages only. */
  readonly clientId?: string
  /** Milliseconds since 1970: the relay's accepted time; before the receipt, this device's clock. */
  readonly at: number
  /** Position in the conversation's order; absent before the receipt. Opaque: compare with `<`. */
  readonly position?: number
  /** Place in this device's stream of arrivals; absent for own messages that are not sent yet. */
  readonly cursor?: Cursor
}
