import type { Address, ConversationId, MessageId } from './ids.ts'

export type ConversationState =
  /** Queued locally; opens at the next connection. */
  | 'opening'
  | 'open'
  /** This device asked the other members to let it in (again). */
  | 'rejoining'
  | 'closed'

export interface Conversation {
  readonly id: ConversationId
  readonly kind: 'dm'
  /** The other person of a direct message. */
  readonly peer: Address
  /** The local contact name, if any. */
  readonly title?: string
  readonly state: ConversationState
  readonly unread: number
  readonly lastMessage?: {
    readonly id: MessageId
    readonly from: Address
    readonly preview: string
    readonly at: number
  }
  readonly createdAt: number
}

export interface Contact {
  readonly address: Address
  readonly name?: string
  readonly relays: readonly string[]
  readonly addedAt: number
}
