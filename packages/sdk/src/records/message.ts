import type { Content, SendableContent } from './content.ts'
import type { Address, ConversationId, Cursor, DeviceId, MessageId } from './ids.ts'

/** The way of an own message. It moves only to the right; `failed` may go back to `queued` by a retry. */
export type MessageState = 'queued' | 'sending' | 'sent' | 'delivered' | 'read' | 'failed'

/** An earlier wording of an edited message. */
export interface Edition {
  readonly content: SendableContent
  /** When this wording was accepted, ms since 1970. */
  readonly at: number
}

export interface Reaction {
  /** One emoji, or a short text of up to 64 bytes. */
  readonly emoji: string
  /** In the order of their reactions. */
  readonly from: readonly Address[]
}

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
  /** Place in this device's stream of arrivals; absent for own messages that are not sent yet, and for history. */
  readonly cursor?: Cursor
  /** When the present wording was accepted; absent for a message that was never edited. */
  readonly editedAt?: number
  /** Earlier wordings, oldest first. */
  readonly editions?: readonly Edition[]
  /** In the order in which each emoji first appeared. */
  readonly reactions?: readonly Reaction[]
  /** People whom the present wording mentions, by links to `dchat:` addresses. */
  readonly mentions?: readonly Address[]
  /** When it disappears, ms since 1970. */
  readonly expiresAt?: number
  readonly pinned?: true
  /** Own messages in a group: the people who have it, and who read it. */
  readonly receipts?: { readonly delivered: readonly Address[]; readonly read: readonly Address[] }
}

/** A reaction, edit or deletion on its way. */
export interface Action {
  /** The id of the action's own content. */
  readonly id: MessageId
  readonly target: MessageId
}

/** An own reaction, edit or deletion that does not stand in the conversation yet: what it will do. */
export type PendingAction = Action &
  (
    | { readonly type: 'react' | 'unreact'; readonly emoji: string }
    | { readonly type: 'edit'; readonly content: SendableContent }
    | { readonly type: 'delete' }
  )
