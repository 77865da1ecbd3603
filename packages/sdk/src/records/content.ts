import type { MessageId } from './ids.ts'

/**
 * What a message says, as plain readonly data. The wire form is MIMI content (draft-ietf-mimi-content-08).
 * Content that this version does not know arrives as `unknown` with its bytes and a fallback text, never dropped.
 */
export type Content =
  | { readonly type: 'text'; readonly text: string; readonly replyTo?: MessageId }
  | { readonly type: 'markdown'; readonly markdown: string; readonly replyTo?: MessageId }
  | {
      readonly type: 'unknown'
      readonly mediaType: string
      readonly fallback: string
      readonly bytes: Uint8Array
      readonly replyTo?: MessageId
    }

/** What can be sent today. */
export type SendableContent = Exclude<Content, { type: 'unknown' }>
