import type { Table as DexieTable, Transaction } from 'dexie'
import { Dexie } from 'dexie'
import { type PageQuery, type Row, type ScanQuery, TABLES, type Table } from '../../ports/storage.ts'
import type { DexieConnection, Started } from './dexie-connection.ts'
import { dexieError, isOver } from './dexie-errors.ts'
import type { DexieFence } from './dexie-fence.ts'
import type { StoredRows } from './dexie-overlay.ts'
import { FENCE } from './dexie-schema.ts'

/** The largest count that IndexedDB takes. */
const COUNT_LIMIT = 2 ** 32 - 1

export const tableOf = (tx: Transaction, table: Table): DexieTable<Row, string> => tx.table<Row, string>(table)

interface Lease extends Started {
  /** Rejects if another one owns the database. */
  readonly checked: Promise<void>
}

/**
 * Committed rows, in one transaction of IndexedDB as long as it lasts. It lasts while the reader waits for nothing else;
 * who does is served by the next one.
 */
export class DexieRows implements StoredRows {
  readonly #connection: DexieConnection
  readonly #fence: DexieFence
  #lease: Promise<Lease> | undefined

  constructor(connection: DexieConnection, fence: DexieFence) {
    this.#connection = connection
    this.#fence = fence
  }

  get(table: Table, key: string): Promise<Row | undefined> {
    return this.#ask((tx) => tableOf(tx, table).get(key))
  }

  async page(table: Table, { scope, after, before, limit, order }: PageQuery): Promise<readonly Row[]> {
    if (limit === 0 || (after !== undefined && before !== undefined && after >= before)) return []
    return this.#ask((tx) => {
      const range = tableOf(tx, table)
        .where('[scope+position]')
        .between([scope, after ?? Dexie.minKey], [scope, before ?? Dexie.maxKey], false, false)
      return (order === 'descending' ? range.reverse() : range).limit(Math.min(limit, COUNT_LIMIT)).toArray()
    })
  }

  async scan(table: Table, { after, limit }: ScanQuery): Promise<readonly Row[]> {
    if (limit === 0) return []
    return this.#ask((tx) =>
      tableOf(tx, table)
        .where(':id')
        .above(after ?? '')
        .limit(Math.min(limit, COUNT_LIMIT))
        .toArray(),
    )
  }

  async #ask<T>(request: (tx: Transaction) => PromiseLike<T>): Promise<T> {
    try {
      for (let own = false; ; ) {
        const known = this.#lease
        const lease = await known
        if (lease && (own || lease.tx.active))
          try {
            return await answer(lease, request)
          } catch (error) {
            if (own || !isOver(error)) throw error
          }
        // Several that find it over share the next one.
        own = this.#lease === known
        if (own) this.#lease = this.#begin()
      }
    } catch (error) {
      throw dexieError(error, this.#connection.name)
    }
  }

  async #begin(): Promise<Lease> {
    const started = await this.#connection.begin('r', [...TABLES, FENCE])
    const checked = this.#fence.assert(started.tx)
    // A reader that asks nothing more hears nothing of it.
    checked.catch(() => undefined)
    return { ...started, checked }
  }
}

const answer = async <T>({ tx, checked }: Lease, request: (tx: Transaction) => PromiseLike<T>): Promise<T> => {
  const [result] = await Promise.all([request(tx), checked])
  return result
}
