import type { Notice } from './group.ts'
import type { Address, MessageId } from './ids.ts'

/**
 * What a message says, as plain readonly data. The wire form is MIMI content (draft-ietf-mimi-content-08).
 * Content that this version does not know arrives as `unknown` with its bytes and a fallback text, never dropped.
 */
export type Content =
  | { readonly type: 'text'; readonly text: string; readonly replyTo?: MessageId; readonly forwarded?: true }
  | { readonly type: 'markdown'; readonly markdown: string; readonly replyTo?: MessageId; readonly forwarded?: true }
  | {
      readonly type: 'unknown'
      readonly mediaType: string
      readonly fallback: string
      readonly bytes: Uint8Array
      readonly replyTo?: MessageId
    }
  /** The author, or somebody whose role allows it, deleted the message; what it said is gone. */
  | { readonly type: 'deleted'; readonly by: Address }
  /** Something happened to the conversation; nobody wrote it. */
  | { readonly type: 'notice'; readonly notice: Notice }

/** What can be sent today. */
export type SendableContent = Extract<Content, { type: 'text' | 'markdown' }>
