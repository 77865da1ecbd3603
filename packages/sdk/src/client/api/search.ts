import type { Person } from '../../records/people.ts'
import type { SearchQuery, SearchResult } from '../../records/search.ts'
import type { Abortable } from '../../util/abort.ts'

/**
 * Local search over what this device has decrypted. The index is made at the first use, in the background and newest
 * messages first; it is kept in the store, sealed, and follows every change.
 */
export interface Search {
  /** Newest first. Throws `usage/invalid-argument` for more than 1,000 characters or 32 words, and for a wrong limit or cursor. */
  messages(query: SearchQuery & { readonly cursor?: string }): Promise<SearchResult>
  /** Resolves when everything that is stored can be found; calling it early prepares the index. */
  ready(options?: Abortable): Promise<void>
  /** Nicknames, profile names and addresses, by their beginnings. */
  people(text: string, options?: { limit?: number }): Promise<readonly Person[]>
}
