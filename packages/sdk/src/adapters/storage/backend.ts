import type { PageQuery, Row, ScanQuery, Table } from '../../ports/storage.ts'

/** The net effect of one write: the new row of each touched key, or undefined where it is to go. */
export type Changes = ReadonlyMap<Table, ReadonlyMap<string, Row | undefined>>

/** Committed rows, read synchronously. */
export interface Rows {
  get(table: Table, key: string): Row | undefined
  page(table: Table, query: PageQuery): readonly Row[]
  scan(table: Table, query: ScanQuery): readonly Row[]
}

/** What an adapter brings: rows, one atomic and durable commit, and an end. All throw DchatError only. */
export interface Backend extends Rows {
  /** Everything or nothing. Throws `storage/corrupt` if two keys would share a (scope, position). */
  commit(changes: Changes): void
  close(): void
}
