import type { Notice } from './group.ts'
import type { Address, MessageId } from './ids.ts'
import type { OfferEventId, OfferEventType, OfferThreadId, Reason } from './offer.ts'

/** Something to press beneath a message. */
export type Button =
  /** Tells the author of the message, and nobody else's program, that it was pressed: 1 to 64 bytes that mean something there. */
  | { readonly text: string; readonly callback: string }
  /** Opens an address: https, 1,024 characters at most. */
  | { readonly text: string; readonly url: string }

/** Rows of buttons, from top to bottom: at most 20 rows of 8, 40 buttons in all; texts of 1 to 64 bytes. */
export type Keyboard = readonly (readonly Button[])[]

/** What the author of buttons says to whom pressed one. */
export interface PressAnswer {
  /** 200 characters at most; empty: it is enough to know that the press was handled. */
  readonly text: string
  /** To be shown until it is put away. */
  readonly alert: boolean
}

/**
 * What a message says, as plain readonly data. The wire form is MIMI content (draft-ietf-mimi-content-08).
 * Content that this version does not know arrives as `unknown` with its bytes and a fallback text, never dropped.
 */
export type Content =
  | {
      readonly type: 'text'
      readonly text: string
      readonly keyboard?: Keyboard
      readonly replyTo?: MessageId
      readonly forwarded?: true
    }
  | {
      readonly type: 'markdown'
      readonly markdown: string
      readonly keyboard?: Keyboard
      readonly replyTo?: MessageId
      readonly forwarded?: true
    }
  | {
      readonly type: 'unknown'
      readonly mediaType: string
      readonly fallback: string
      readonly bytes: Uint8Array
      readonly replyTo?: MessageId
    }
  /** A step of a trade offer; what it comes to is in `client.offers`. */
  | {
      readonly type: 'offer'
      /** The offer: all steps of one negotiation share it. */
      readonly offer: OfferThreadId
      readonly event: OfferEventId
      readonly step: OfferEventType | { readonly unknown: string }
      /** One sentence, as clients show it that know nothing of offers. */
      readonly summary: string
      /** The step counts for nobody, and why: something else stood in the conversation first. */
      readonly refused?: Reason
      readonly replyTo?: MessageId
    }
  /** The author, or somebody whose role allows it, deleted the message; what it said is gone. */
  | { readonly type: 'deleted'; readonly by: Address }
  /** Something happened to the conversation; nobody wrote it. */
  | { readonly type: 'notice'; readonly notice: Notice }

/** What can be sent today. */
export type SendableContent = Extract<Content, { type: 'text' | 'markdown' }>
