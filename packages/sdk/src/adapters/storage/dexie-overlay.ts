import type { PageQuery, Row, ScanQuery, Table } from '../../ports/storage.ts'
import type { Changes } from './backend.ts'
import { copyOf, merged, within } from './overlay.ts'

const CHUNK = 64

/** Rows of a database, each call at its own time. */
export interface StoredRows {
  get(table: Table, key: string): Promise<Row | undefined>
  page(table: Table, query: PageQuery): Promise<readonly Row[]>
  scan(table: Table, query: ScanQuery): Promise<readonly Row[]>
}

/**
 * What `overlay.ts` is to rows in reach, over rows that take a while. While one is read, a commit may replace it: it
 * then stands here, so what is kept here is looked at after the database.
 */
export class StoredOverlay implements StoredRows {
  readonly #base: StoredRows
  readonly #tables = new Map<Table, Map<string, Row | undefined>>()

  constructor(base: StoredRows) {
    this.#base = base
  }

  get changes(): Changes {
    return this.#tables
  }

  has(table: Table, key: string): boolean {
    return this.#tables.get(table)?.has(key) ?? false
  }

  set(table: Table, key: string, row: Row | undefined): void {
    const rows = this.#tables.get(table)
    if (rows) rows.set(key, row)
    else this.#tables.set(table, new Map([[key, row]]))
  }

  async get(table: Table, key: string): Promise<Row | undefined> {
    const stored = this.has(table, key) ? undefined : await this.#base.get(table, key)
    if (!this.has(table, key)) return stored
    const row = this.#tables.get(table)?.get(key)
    return row && copyOf(row)
  }

  async page(table: Table, query: PageQuery): Promise<readonly Row[]> {
    const rows = await this.#unshadowed(table, query)
    const own = this.#tables.get(table)
    if (own === undefined) return rows
    const inside = [...own.values()].filter((row): row is Row => row !== undefined && within(row, query))
    const all = [...rows, ...inside.map(copyOf)]
    all.sort((a, b) => (a.position as number) - (b.position as number))
    if (query.order === 'descending') all.reverse()
    return all.slice(0, query.limit)
  }

  async scan(table: Table, query: ScanQuery): Promise<readonly Row[]> {
    const seen: Row[] = []
    const kept = () => seen.filter(({ key }) => !this.has(table, key)).slice(0, query.limit)
    let bounds = this.#tables.has(table) ? { ...query, limit: Math.max(query.limit, CHUNK) } : query
    while (query.limit > 0) {
      const rows = await this.#base.scan(table, bounds)
      seen.push(...rows)
      const last = rows.at(-1)
      if (last === undefined || rows.length < bounds.limit || kept().length === query.limit) break
      bounds = { ...bounds, after: last.key }
    }
    const own = this.#tables.get(table)
    return own === undefined ? kept() : merged(kept(), own, query)
  }

  /** The first `limit` rows that stand in the database as they are here, read in parts so that few changes cost little. */
  async #unshadowed(table: Table, query: PageQuery): Promise<readonly Row[]> {
    const seen: Row[] = []
    const kept = () => seen.filter(({ key }) => !this.has(table, key)).slice(0, query.limit)
    let bounds = this.#tables.has(table) ? { ...query, limit: Math.max(query.limit, CHUNK) } : query
    while (query.limit > 0) {
      const rows = await this.#base.page(table, bounds)
      seen.push(...rows)
      const last = rows.at(-1)
      if (last === undefined || rows.length < bounds.limit || kept().length === query.limit) break
      const from = last.position as number
      bounds = query.order === 'descending' ? { ...bounds, before: from } : { ...bounds, after: from }
    }
    return kept()
  }
}
