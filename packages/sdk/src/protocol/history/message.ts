import type { Content, SendableContent } from '../../records/content.ts'
import type { Address, DeviceId, MessageId } from '../../records/ids.ts'

/** The room of a message and what it takes to show its conversation where nothing else is known of it. */
export interface PastRoom {
  /** Hex of the MLS group id. */
  readonly id: string
  /** The other person of a direct message. */
  readonly peer?: Address
  /** A group's name. */
  readonly name?: string
}

/** An action that was applied to a message: by its id what names an edit or a reaction finds the message. */
export interface PastAction {
  readonly id: MessageId
  readonly from: Address
  readonly type: 'edit' | 'react' | 'retract'
  readonly emoji?: string
}

/** A message as one own device hands it to another, with what was done to it (archive.md). */
export interface PastMessage {
  readonly id: MessageId
  readonly room: PastRoom
  readonly from: Address
  readonly device: DeviceId
  readonly content: Content
  /** Accepted time, ms since 1970. */
  readonly at: number
  /** Its place: the term that its room has at the writer, and its number in the topic. */
  readonly term: number
  readonly seq: number
  /** How far an own one had come. */
  readonly state: 'sent' | 'delivered' | 'read'
  readonly editedAt?: number
  readonly editions?: readonly { readonly content: SendableContent; readonly at: number }[]
  readonly reactions?: readonly { readonly id: MessageId; readonly from: Address; readonly emoji: string }[]
  readonly actions?: readonly PastAction[]
  readonly expiresAt?: number
}
