import type { Database, Statement } from 'libsql'

/** The driver gives blobs as ArrayBuffer or Buffer; everything above works with plain Uint8Array. */
export const asBytes = (value: unknown): Uint8Array =>
  value instanceof ArrayBuffer
    ? new Uint8Array(value)
    : value instanceof Uint8Array
      ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
      : new Uint8Array()

export const asBytesOrNull = (value: unknown): Uint8Array | null => (value === null ? null : asBytes(value))

export type Row = Readonly<Record<string, unknown>>

/**
 * Statements are prepared on first use and kept. Parameters go to the driver as one list: it takes a lone byte array for a
 * set of named parameters, and aborts the process.
 */
export interface Sql {
  get(sql: string, ...params: unknown[]): Row | undefined
  all(sql: string, ...params: unknown[]): Row[]
  run(sql: string, ...params: unknown[]): { changes: number; lastInsertRowid: number }
}

export type Reads = Pick<Sql, 'get' | 'all'>

export const sqlOf = (db: Database): Sql => {
  const prepared = new Map<string, Statement<unknown[]>>()
  const prepare = (sql: string): Statement<unknown[]> => {
    const known = prepared.get(sql)
    if (known) return known
    const statement = db.prepare(sql)
    prepared.set(sql, statement)
    return statement
  }
  return {
    get: (sql, ...params) => prepare(sql).get(params) as Row | undefined,
    all: (sql, ...params) => prepare(sql).all(params) as Row[],
    run: (sql, ...params) => {
      const { changes, lastInsertRowid } = prepare(sql).run(params)
      return { changes, lastInsertRowid: Number(lastInsertRowid) }
    },
  }
}

/** Takes rows until `limit` of bytes is reached, but at least one. */
export const withinBytes = <T>(items: Iterable<T>, limit: number, size: (item: T) => number): T[] => {
  const out: T[] = []
  let sum = 0
  for (const item of items) {
    sum += size(item)
    if (out.length > 0 && sum > limit) break
    out.push(item)
  }
  return out
}
