import type { Address, Cursor, MessageId } from './ids.ts'
import type { InlineQuery } from './inline.ts'
import type { Message } from './message.ts'

/** What all arrivals have. */
export interface ArrivedMessage {
  /** Its place in the stream of arrivals: what `messages.ack` takes. */
  readonly cursor: Cursor
  /** As it is now: later edits are in it already. */
  readonly message: Message
}

/** Who did something to a message, and when. */
export interface DoneToMessage extends ArrivedMessage {
  readonly by: Address
  /** Accepted time, ms since 1970. */
  readonly at: number
}

/** Something that arrived from others, in the order of arrival on this device. */
export type Arrival =
  /** A message, a step of an offer, or a notice. */
  | (ArrivedMessage & { readonly type: 'message' })
  | (DoneToMessage & { readonly type: 'edited' | 'deleted' })
  | (DoneToMessage & { readonly type: 'reaction'; readonly emoji: string; readonly added: boolean })
  /** A button of an own message was pressed; `press` is what `messages.answerPress` takes. */
  | (DoneToMessage & { readonly type: 'press'; readonly press: MessageId; readonly callback: string })
  | InlineQuery
