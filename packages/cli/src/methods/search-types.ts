/** What was found, as plain JSON. */

import type { MessageHead } from './message-types.ts'

export interface FoundView extends MessageHead {
  readonly type: 'found'
  readonly excerpt: string
  /** Where in the excerpt words were found: [start, end) in UTF-16 units. */
  readonly marks: readonly (readonly [number, number])[]
}

/** The last item of a search. */
export interface SearchEnd {
  readonly type: 'end'
  /** False where the index was still being made when the time was over. */
  readonly complete: boolean
}

export interface SearchParams {
  readonly text: string
  /** A conversation as `read` takes it. */
  readonly chat?: string
  /** A contact name or an address, `me` for own messages. */
  readonly from?: string
  /** ms since 1970: from `after` on, and earlier than `before`. */
  readonly after?: number
  readonly before?: number
  readonly limit?: number
  /** ms that an index may take that is not there yet. */
  readonly timeout?: number
}

export interface SearchStreams {
  search: { params: SearchParams; item: FoundView | SearchEnd }
}
