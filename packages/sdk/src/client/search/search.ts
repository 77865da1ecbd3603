import type { Person } from '../../records/people.ts'
import type { SearchQuery, SearchResult } from '../../records/search.ts'
import type { Abortable } from '../../util/abort.ts'
import type { Search } from '../api/search.ts'
import type { Core } from '../core.ts'
import type { openSearch } from './open-search.ts'

type Opened = Awaited<ReturnType<typeof openSearch>>

/** Everything behind it is loaded, and the index read, when somebody searches for the first time. */
export class SearchApi implements Search {
  readonly #open: () => Promise<Opened>
  #opened: Promise<Opened> | undefined

  /** `spawn` runs what goes on until the client closes. */
  constructor(core: Core, spawn: (work: Promise<void>) => void) {
    this.#open = async () => (await import('../later.ts')).openSearch(core, spawn)
  }

  async messages(query: SearchQuery & { readonly cursor?: string }): Promise<SearchResult> {
    return (await this.#search()).messages(query)
  }

  async people(text: string, options: { limit?: number } = {}): Promise<readonly Person[]> {
    return (await this.#search()).people(text, options)
  }

  async ready(options: Abortable = {}): Promise<void> {
    await (await this.#search()).ready(options)
  }

  #search(): Promise<Opened> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#opened = undefined
      throw error
    })
    return this.#opened
  }
}
