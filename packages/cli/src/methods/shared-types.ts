import type { NotifyRule } from '@dchat/sdk'

/** How long to wait for what. */
export interface Waiting {
  /** ms until `transport/unconfirmed`. */
  readonly timeout?: number
  /** ms without any relay until `transport/unreachable`. */
  readonly patience?: number
}

export interface ChatView {
  readonly id: string
  readonly kind: string
  /** The other person of a direct message. */
  readonly peer?: string
  readonly title?: string
  /** Seconds after which messages disappear. */
  readonly timer?: number
  readonly state: string
  readonly unread: number
  readonly last?: { readonly id: string; readonly from: string; readonly preview: string; readonly at: number }
  /** What this person keeps of it on all devices. */
  readonly pinned?: boolean
  readonly archived?: boolean
  readonly notify?: NotifyRule
  /** Words that were not sent yet. */
  readonly draft?: string
}
