import type { PageQuery, Row, ScanQuery } from '../../ports/storage.ts'
import { copyOf } from './overlay.ts'

/** One table in memory: rows by key, and for each scope its positions in order. */
export class MemoryTable {
  readonly #rows = new Map<string, Row>()
  readonly #scopes = new Map<string, { readonly order: number[]; readonly keys: Map<number, string> }>()

  /** `isWanted` looks at a row before it is copied. */
  get(key: string, isWanted: (row: Row) => boolean = () => true): Row | undefined {
    const row = this.#rows.get(key)
    return row && isWanted(row) ? copyOf(row) : undefined
  }

  page({ scope, after, before, limit, order }: PageQuery, isWanted?: (row: Row) => boolean): readonly Row[] {
    const list = this.#scopes.get(scope)
    if (list === undefined) return []
    const start = after === undefined ? 0 : firstFrom(list.order, after + 1)
    const end = before === undefined ? list.order.length : firstFrom(list.order, before)
    if (start >= end) return []
    const positions =
      order === 'descending'
        ? list.order.slice(Math.max(start, end - limit), end).reverse()
        : list.order.slice(start, Math.min(end, start + limit))
    return positions.flatMap((position) => this.get(list.keys.get(position) as string, isWanted) ?? [])
  }

  scan({ after, limit }: ScanQuery): readonly Row[] {
    const keys = [...this.#rows.keys()].filter((key) => after === undefined || key > after)
    return keys
      .sort()
      .slice(0, limit)
      .map((key) => this.get(key) as Row)
  }

  /** The key at a place, if any. */
  at(scope: string, position: number): string | undefined {
    return this.#scopes.get(scope)?.keys.get(position)
  }

  delete(key: string): void {
    const row = this.#rows.get(key)
    if (row === undefined) return
    this.#rows.delete(key)
    const list = row.scope === undefined ? undefined : this.#scopes.get(row.scope)
    if (list === undefined) return
    list.order.splice(firstFrom(list.order, row.position as number), 1)
    list.keys.delete(row.position as number)
    if (list.order.length === 0) this.#scopes.delete(row.scope as string)
  }

  /** The key and the place must be free. */
  insert(row: Row): void {
    this.#rows.set(row.key, row)
    if (row.scope === undefined || row.position === undefined) return
    let list = this.#scopes.get(row.scope)
    if (list === undefined) {
      list = { order: [], keys: new Map() }
      this.#scopes.set(row.scope, list)
    }
    list.order.splice(firstFrom(list.order, row.position), 0, row.position)
    list.keys.set(row.position, row.key)
  }
}

/** Index of the first number that is not smaller. */
const firstFrom = (sorted: readonly number[], wanted: number): number => {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < wanted) low = middle + 1
    else high = middle
  }
  return low
}
