import type { Address, ConversationId, Cursor, MessageId } from './ids.ts'

/** One of the things that a bot finds for what a person types. */
export interface InlineResult {
  /** 1 to 64 characters, the bot's own. */
  readonly id: string
  /** 1 to 100 characters. */
  readonly title: string
  /** 200 characters at most. */
  readonly description?: string
  /** What is said where the person picks it: 1 to 4,096 characters. */
  readonly text: string
  readonly format?: 'text' | 'markdown'
}

export interface InlineAnswer {
  /** 50 at most, the best first. */
  readonly results: readonly InlineResult[]
  /** Seconds for which the same words need not be asked again, a day at most. */
  readonly cacheSeconds: number
}

/** Somebody asks this bot while they type. It sees what they ask, and not where they are. */
export interface InlineQuery {
  readonly type: 'query'
  readonly cursor: Cursor
  /** What `inline.answer` takes. */
  readonly query: MessageId
  /** The direct message with whoever asks. */
  readonly conversation: ConversationId
  readonly by: Address
  /** Accepted time, ms since 1970. */
  readonly at: number
  readonly text: string
}
