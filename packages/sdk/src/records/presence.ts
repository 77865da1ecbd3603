import type { Address, ConversationId } from './ids.ts'

/** Signals of others, never stored at a relay. */
export type PresenceEvent =
  /** Over at `until` (ms since 1970, this device's clock) unless it comes again; at once when their message arrives. */
  | { readonly type: 'typing'; readonly conversation: ConversationId; readonly from: Address; readonly until: number }
  | { readonly type: 'stopped'; readonly conversation: ConversationId; readonly from: Address }
  | { readonly type: 'online'; readonly from: Address }
  | { readonly type: 'offline'; readonly from: Address; readonly lastSeen: number }

export interface PresenceState {
  readonly online: boolean
  /** ms since 1970, by this device's clock. */
  readonly lastSeen?: number
}
