/** Messages, and what happens to them and to conversations, as plain JSON. */

import type { RequestView } from './people-types.ts'

/** What happened to a conversation. Addresses as text; otherwise as the SDK's `Notice`. */
export interface NoticeView {
  readonly kind: string
  readonly by: string
  readonly people?: readonly string[]
  readonly address?: string
  readonly role?: string
  readonly name?: string
  readonly seconds?: number
  readonly message?: string
  readonly removed?: string
}

export type ButtonView =
  | { readonly text: string; readonly callback: string }
  | { readonly text: string; readonly url: string }

/** Where a message stands, and whose it is. */
export interface MessageHead {
  readonly id: string
  readonly chat: string
  /** The name of the group; absent in a direct message. */
  readonly group?: string
  readonly from: string
  /** How the author is called here, if at all; a name that only they chose begins with `~`. */
  readonly name?: string
  readonly own: boolean
  readonly at: number
}

export interface MessageView extends MessageHead {
  readonly state: string
  readonly failure?: string
  readonly format: 'text' | 'markdown' | 'offer' | 'unknown' | 'deleted' | 'notice'
  /** The text, or a sentence that stands in for content that has none. */
  readonly text: string
  readonly mediaType?: string
  /** Rows of buttons; "dchat press" names those with a callback by it or by their number. */
  readonly keyboard?: readonly (readonly ButtonView[])[]
  /** A step of an offer; `refused` says why it counts for nobody. */
  readonly offer?: { readonly id: string; readonly event: string; readonly step: string; readonly refused?: string }
  readonly notice?: NoticeView
  readonly deletedBy?: string
  readonly forwarded?: true
  readonly replyTo?: string
  /** The beginning of what is answered, where this device has it. */
  readonly quote?: { readonly from: string; readonly name?: string; readonly own: boolean; readonly text: string }
  readonly editedAt?: number
  /** Earlier wordings, oldest first. */
  readonly editions?: readonly { readonly format: string; readonly text: string; readonly at: number }[]
  readonly reactions?: readonly { readonly emoji: string; readonly from: readonly string[] }[]
  readonly mentions?: readonly string[]
  readonly expiresAt?: number
  readonly pinned?: true
  readonly receipts?: { readonly delivered: readonly string[]; readonly read: readonly string[] }
  readonly clientId?: string
  readonly cursor?: string
}

/** A group that this person was asked into and has not entered; name and size are the inviter's word. */
export interface InvitationView {
  readonly chat: string
  readonly from: string
  /** How the inviter is called here, if at all; a name that only they chose begins with `~`. */
  readonly name?: string
  readonly title: string
  readonly people: number
  readonly at: number
}

/** What of a message is other than it was. */
export type ChangedPart = 'text' | 'deleted' | 'reactions' | 'pinned'

export type EventView =
  | { readonly type: 'invitation'; readonly invitation: InvitationView }
  /** A stranger wants to write; their group invitations come as `invitation`. */
  | { readonly type: 'request'; readonly request: RequestView }
  | { readonly type: 'change'; readonly changed: readonly ChangedPart[]; readonly message: MessageView }
  /** Messages whose time was over are gone from this device. */
  | { readonly type: 'expired'; readonly chat: string; readonly messages: readonly string[] }
