import type { Abortable } from '../util/abort.ts'

/**
 * The storage port. It knows tables and opaque rows, no use cases. Values arrive sealed and keys blinded
 * (`client/store`), so an adapter never sees anything readable: it holds ids, places and times only.
 */
export const TABLES = [
  'meta',
  'identities',
  'conversations',
  'rooms',
  'groups',
  'messages',
  'arrivals',
  'outbox',
  'keyPackages',
  'inbox',
  'jobs',
  'streams',
  'proofs',
  'personal',
  'profiles',
  'search',
  'offers',
  'archive',
  'tail',
] as const
export type Table = (typeof TABLES)[number]

export interface Row {
  /** Unique in its table, 1 to 200 characters. */
  readonly key: string
  /** The list that the row stands in, if any; with `position` it is the table's only index. */
  readonly scope?: string
  /** A safe integer; unique within (table, scope). Required when `scope` is given. */
  readonly position?: number
  readonly value: Uint8Array
}

export interface PageQuery {
  readonly scope: string
  /** Exclusive bounds. */
  readonly after?: number
  readonly before?: number
  readonly limit: number
  /** Default 'ascending'. */
  readonly order?: 'ascending' | 'descending'
}

export interface ScanQuery {
  /** The last key of the page before; absent for the first page. */
  readonly after?: string
  readonly limit: number
}

export interface Reader {
  get(table: Table, key: string): Promise<Row | undefined>
  page(table: Table, query: PageQuery): Promise<readonly Row[]>
  /** All rows of a table, page by page, ascending by keys, which must be ASCII for it (blinded ones are hex). */
  scan(table: Table, query: ScanQuery): Promise<readonly Row[]>
}

export interface Writer extends Reader {
  /** Inserts or replaces by key. A second key at one (scope, position) rejects with `storage/corrupt`. */
  put(table: Table, row: Row): void
  delete(table: Table, key: string): void
}

/**
 * A `read` goes on seeing the moment in which it began, however long it takes and whatever is written meanwhile; what it
 * waits for is its own affair. `write` is atomic, serialised and durable when it resolves; a throw in `work` leaves no trace. `work` sees its own
 * writes and awaits nothing but the transaction (an IndexedDB transaction would close under it).
 */
export interface Storage {
  read<T>(work: (tx: Reader) => Promise<T>): Promise<T>
  write<T>(work: (tx: Writer) => Promise<T>): Promise<T>
  /** Yields the tables that a committed write touched; starts with the first call of `next`, coalesces while nobody waits. */
  changes(tables: readonly Table[], options?: Abortable): AsyncIterable<ReadonlySet<Table>>
  close(): Promise<void>
}
