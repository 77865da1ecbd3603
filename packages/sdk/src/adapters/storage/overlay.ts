import type { PageQuery, Row, ScanQuery, Table } from '../../ports/storage.ts'
import type { Changes, Rows } from './backend.ts'

const CHUNK = 64

/**
 * Rows with some of them replaced or hidden. A writer sees its own changes through one, over what is committed;
 * a reader sees the rows as they were when it began, over what was committed since.
 */
export class Overlay implements Rows {
  readonly #base: Rows
  readonly #tables = new Map<Table, Map<string, Row | undefined>>()

  constructor(base: Rows) {
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

  get(table: Table, key: string): Row | undefined {
    const rows = this.#tables.get(table)
    if (!rows?.has(key)) return this.#base.get(table, key)
    const row = rows.get(key)
    return row && copyOf(row)
  }

  page(table: Table, query: PageQuery): readonly Row[] {
    const own = this.#tables.get(table)
    if (own === undefined) return this.#base.page(table, query)
    const inside = [...own.values()].filter((row): row is Row => row !== undefined && within(row, query))
    const rows = [...this.#unshadowed(table, query, own), ...inside.map(copyOf)]
    rows.sort((a, b) => (a.position as number) - (b.position as number))
    if (query.order === 'descending') rows.reverse()
    return rows.slice(0, query.limit)
  }

  scan(table: Table, query: ScanQuery): readonly Row[] {
    const own = this.#tables.get(table)
    if (own === undefined) return this.#base.scan(table, query)
    const rows: Row[] = []
    let bounds: ScanQuery = { ...query, limit: Math.max(query.limit, CHUNK) }
    while (rows.length < query.limit) {
      const some = this.#base.scan(table, bounds)
      for (const row of some) if (!own.has(row.key)) rows.push(row)
      const last = some.at(-1)
      if (last === undefined || some.length < bounds.limit) break
      bounds = { ...bounds, after: last.key }
    }
    return merged(rows, own, query)
  }

  /** The first `limit` committed rows that stand as they are, read in parts so that few changes cost little. */
  #unshadowed(table: Table, query: PageQuery, own: ReadonlyMap<string, unknown>): Row[] {
    const out: Row[] = []
    let bounds: PageQuery = { ...query, limit: Math.max(query.limit, CHUNK) }
    while (out.length < query.limit) {
      const rows = this.#base.page(table, bounds)
      for (const row of rows) if (!own.has(row.key)) out.push(row)
      const last = rows.at(-1)
      if (last === undefined || rows.length < bounds.limit) break
      bounds =
        query.order === 'descending'
          ? { ...bounds, before: last.position as number }
          : { ...bounds, after: last.position as number }
    }
    return out
  }
}

/** A reader may do with its bytes what it likes. */
export const copyOf = (row: Row): Row => ({ ...row, value: new Uint8Array(row.value) })

/** Rows of a table in the order of keys, with those that stand beside it. */
export const merged = (
  rows: readonly Row[],
  own: ReadonlyMap<string, Row | undefined>,
  { after, limit }: ScanQuery,
): readonly Row[] => {
  const inside = [...own.values()].filter((row): row is Row => row !== undefined && (after ?? '') < row.key)
  return [...rows, ...inside.map(copyOf)].sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, limit)
}

export const within = ({ scope, position }: Row, query: PageQuery): boolean =>
  scope === query.scope &&
  position !== undefined &&
  (query.after === undefined || position > query.after) &&
  (query.before === undefined || position < query.before)
