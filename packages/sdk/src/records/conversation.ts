import type { Address, ConversationId, MessageId } from './ids.ts'
import type { Draft, NotifyRule } from './personal.ts'

export type ConversationState =
  /** Queued locally; opens at the next connection. */
  | 'opening'
  | 'open'
  /** This device asked the other members to let it in (again). */
  | 'rejoining'
  /** A group that this person was asked into: see `groups.accept` and `groups.decline`. */
  | 'invited'
  /** A stranger wants to write; nothing is opened before `contacts.allow`, or an own first message. */
  | 'request'
  /** A change broke the rules; its members are moving on without whoever made it. */
  | 'repairing'
  /** This person said goodbye; nothing is sent any more, and soon a member confirms it. */
  | 'leaving'
  /** Over for this person: left, declined or removed; a direct message goes on with the next message. */
  | 'closed'

export interface Conversation {
  readonly id: ConversationId
  readonly kind: 'dm' | 'group'
  /** The other person of a direct message; absent for a group. */
  readonly peer?: Address
  /** A group's name; for a direct message, the person's nickname, else the name of their profile, if any. */
  readonly title?: string
  /** Seconds after which messages disappear; absent: they stay. */
  readonly timer?: number
  readonly state: ConversationState
  readonly unread: number
  readonly lastMessage?: {
    readonly id: MessageId
    readonly from: Address
    readonly preview: string
    readonly at: number
  }
  readonly createdAt: number
  /** Words that were not sent yet, on whatever device of this person. */
  readonly draft?: Draft
  /** It stands first. */
  readonly pinned?: true
  readonly archived?: true
  /** What notifies here; absent: as the settings say. */
  readonly notify?: NotifyRule
}

export interface Contact {
  readonly address: Address
  /** The nickname that this person gave, else the name of their profile. */
  readonly name?: string
  readonly relays: readonly string[]
  readonly addedAt: number
}
