import type { PageQuery, ScanQuery, Table } from '../../ports/storage.ts'
import type { Abortable } from '../../util/abort.ts'

/** A record as it was put, with its key and place. */
export interface StoredRow<T> {
  readonly key: string
  readonly position?: number
  readonly value: T
}

/** A record with everything that it was put with. */
export interface WholeRow {
  readonly key: string
  readonly scope?: string
  readonly position?: number
  readonly value: unknown
}

export interface StoreReader {
  get<T>(table: Table, key: string): Promise<T | undefined>
  page<T>(table: Table, query: PageQuery): Promise<readonly StoredRow<T>[]>
  /** All records of a table, page by page, in no order that means anything. `next`: the `after` of the following page. */
  scan(table: Table, query: ScanQuery): Promise<{ readonly rows: readonly WholeRow[]; readonly next?: string }>
  /** Records of a table, counted without opening them. */
  count(table: Table): Promise<number>
}

export interface StoreWriter extends StoreReader {
  /** `value` is what deterministic CBOR can carry: plain data without functions, dates or floats. */
  put(table: Table, row: { key: string; scope?: string; position?: number; value: unknown }): void
  delete(table: Table, key: string): void
}

/** The storage port with records instead of rows; the same rules for `read`, `write` and `changes`. */
export interface Store {
  read<T>(work: (tx: StoreReader) => Promise<T>): Promise<T>
  write<T>(work: (tx: StoreWriter) => Promise<T>): Promise<T>
  changes(tables: readonly Table[], options?: Abortable): AsyncIterable<ReadonlySet<Table>>
}
