import type { BotManifest } from './bot.ts'
import type { Address, ConversationId, DeviceId, MessageId, RelayUrl } from './ids.ts'

/** What a person may do in a group; the table is in groups.md. The order is that of succession. */
export const ROLES = ['owner', 'admin', 'member'] as const
export type Role = (typeof ROLES)[number]

/** Whose devices approve the changes of a group: those of owners and admins, or of owners alone. */
export const KEEPERS = ['admins', 'owners'] as const
export type Keepers = (typeof KEEPERS)[number]

/** A small image that everybody in the conversation gets; at most 16 KiB. */
export interface Picture {
  readonly mediaType: 'image/png' | 'image/jpeg' | 'image/webp'
  readonly bytes: Uint8Array
}

/** A person of a conversation, as the commits have it. */
export interface Person {
  readonly address: Address
  readonly role: Role
  /** The MLS epoch that began when the person was let in: a leave statement names it, so that none can be used twice. */
  readonly since: number
  /** Length of the person's identity log as the commits have named it; it only grows. */
  readonly log: number
}

/** What happened to a conversation, shown between its messages. `by` did it. */
export type Notice =
  | { readonly kind: 'created'; readonly by: Address }
  | { readonly kind: 'added'; readonly by: Address; readonly people: readonly Address[] }
  | { readonly kind: 'removed'; readonly by: Address; readonly people: readonly Address[] }
  | { readonly kind: 'left'; readonly by: Address }
  | { readonly kind: 'renamed'; readonly by: Address; readonly name: string }
  | { readonly kind: 'picture'; readonly by: Address }
  | { readonly kind: 'role'; readonly by: Address; readonly address: Address; readonly role: Role }
  /** Seconds; 0: messages stay. */
  | { readonly kind: 'timer'; readonly by: Address; readonly seconds: number }
  | { readonly kind: 'pinned'; readonly by: Address; readonly message: MessageId }
  | { readonly kind: 'unpinned'; readonly by: Address; readonly message: MessageId }
  /** A change that broke the rules was left behind; `removed` made it. */
  | { readonly kind: 'repaired'; readonly by: Address; readonly removed?: Address; readonly approval?: Keepers }
  /** Changes of the group need nobody's approval any more. */
  | { readonly kind: 'approval-lifted'; readonly by: Address }
  /** These relays may be the conversation's hub from here on, in this order. */
  | { readonly kind: 'hubs'; readonly by: Address; readonly hubs: readonly RelayUrl[] }
  /** Another relay is the conversation's hub from here on. */
  | { readonly kind: 'moved'; readonly by: Address; readonly hub: RelayUrl }
  /** A bot came, or it may read something else from here on. */
  | {
      readonly kind: 'bot-installed' | 'bot-scope-changed'
      readonly by: Address
      readonly address: Address
      readonly read: BotManifest['read']
    }
  | { readonly kind: 'bot-removed'; readonly by: Address; readonly address: Address }

export interface GroupMember {
  readonly address: Address
  /** The nickname that this person gave, else the name of their profile, if any. */
  readonly name?: string
  readonly role: Role
  /** `invited` until the first thing of theirs was read here. */
  readonly state: 'invited' | 'joined'
  readonly devices: readonly DeviceId[]
}

/** Where a conversation lives. */
export interface ConversationHubs {
  /** The relay that keeps its log now. */
  readonly hub: RelayUrl
  /** Those that may be its hub, in the order in which they take it over; the present one among them. */
  readonly hubs: readonly RelayUrl[]
}

export interface GroupInfo extends ConversationHubs {
  readonly id: ConversationId
  readonly name: string
  readonly picture?: Picture
  /** Seconds after which messages disappear; 0: they stay. */
  readonly timer: number
  readonly role: Role
  /** Owners first, then admins, then members; by address within a role. */
  readonly members: readonly GroupMember[]
  readonly pins: readonly MessageId[]
  /**
   * Somebody unknown keeps spoiling the group: for now its relay takes changes only with the approval of these people's
   * devices, which give it by themselves where the change is allowed. Messages need none.
   */
  readonly approval?: Keepers
  /** The MLS epoch, and how many topics the group has had. */
  readonly epoch: number
  readonly term: number
}

/** A group that this person was asked into and has not entered. Its name and size are the inviter's word. */
export interface Invitation {
  readonly conversation: ConversationId
  readonly from: Address
  readonly name: string
  readonly people: number
  readonly at: number
}
