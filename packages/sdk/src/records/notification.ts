import type { Address, ConversationId, MessageId } from './ids.ts'

/** Something that a person should be told of now. What an app shows of it is the app's choice. */
export type Notification =
  | {
      readonly type: 'message'
      readonly conversation: ConversationId
      readonly message: MessageId
      readonly from: Address
      /** Who and where, and the beginning of the text. */
      readonly title: string
      readonly preview: string
      readonly mention: boolean
    }
  | { readonly type: 'request'; readonly conversation: ConversationId; readonly from: Address; readonly title: string }
  /** Read on this or another device: take the conversation's notifications away. */
  | { readonly type: 'cleared'; readonly conversation: ConversationId }
