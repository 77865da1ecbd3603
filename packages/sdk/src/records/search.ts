import type { Address, ConversationId, MessageId } from './ids.ts'

export interface SearchQuery {
  /**
   * Words; all must be found, the last one also as a beginning. "In quotes": a phrase. Case and diacritics do not count.
   * Without any text: everything that the filters let through.
   */
  readonly text: string
  readonly conversation?: ConversationId
  readonly from?: Address
  /** ms since 1970: from `after` on, and earlier than `before`. */
  readonly after?: number
  readonly before?: number
  /** Default 50, at most 500. */
  readonly limit?: number
}

export interface SearchHit {
  readonly message: MessageId
  readonly conversation: ConversationId
  readonly from: Address
  readonly at: number
  /** A piece of the text around the first word that was found. */
  readonly excerpt: string
  /** Where in the excerpt words were found: [start, end) in UTF-16 units. */
  readonly marks: readonly (readonly [number, number])[]
}

export interface SearchResult {
  readonly hits: readonly SearchHit[]
  /** Give it back as `cursor` for the next page. */
  readonly next?: string
  /** False while the index still reads what was there before. */
  readonly complete: boolean
}
