import Database from 'libsql'
import { DchatError } from '../../errors.ts'
import type { PageQuery, Row, Storage, Table } from '../../ports/storage.ts'
import type { Backend, Changes } from './backend.ts'
import { isIndexRefused, isUniqueViolation, storageError } from './sqlite-errors.ts'
import { createPrivately, restrict, schemaVersionOf } from './sqlite-file.ts'
import { migrate, refuseNewer } from './sqlite-schema.ts'
import { transactions } from './transactions.ts'

export interface SqliteOptions {
  /** An upper bound of the file, in pages of 4 KiB; beyond it writes reject with `storage/full`. */
  readonly maxPages?: number
}

interface Entry {
  readonly key: string
  readonly scope: string | null
  readonly position: number | null
  /** The driver gives a Buffer for one row and an ArrayBuffer for each of many. */
  readonly value: Uint8Array | ArrayBuffer
}

/**
 * Rows in one SQLite file (WAL, every commit flushed to the disk). Throws `storage/unavailable`, `storage/corrupt`,
 * `storage/newer-schema` (the file stays as it was) or `storage/in-use`.
 */
export const sqliteStorage = (file: string, options: SqliteOptions = {}): Storage => {
  try {
    createPrivately(file)
    refuseNewer(schemaVersionOf(file))
    restrict(file)
    return transactions(guarded(sqliteBackend(open(file, options), file), file))
  } catch (error) {
    throw storageError(error, file)
  }
}

const open = (file: string, { maxPages }: SqliteOptions): Database.Database => {
  const db = connectWithLog(file)
  try {
    db.exec('PRAGMA synchronous = FULL; PRAGMA secure_delete = ON')
    migrate(db)
    if (maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${Math.trunc(maxPages)}`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

const connect = (file: string, before: string): Database.Database => {
  const db = new Database(file)
  try {
    db.exec(`${before} PRAGMA journal_mode = WAL; SELECT count(*) FROM sqlite_schema`)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/**
 * The log's index needs a few pages beside the database. On a full disk it is kept in memory, so that what is stored can
 * be read: nobody else needs to see it, because a store has one owner.
 */
const connectWithLog = (file: string): Database.Database => {
  try {
    return connect(file, '')
  } catch (error) {
    if (!isIndexRefused(error)) throw error
    return connect(file, 'PRAGMA locking_mode = EXCLUSIVE;')
  }
}

const sqliteBackend = (db: Database.Database, file: string): Backend => {
  const columns = 'SELECT key, scope, position, value FROM entries'
  const get = db.prepare(`${columns} WHERE list = ? AND key = ?`)
  const range = `${columns} WHERE list = ? AND scope = ? AND position > ? AND position < ? ORDER BY position`
  const up = db.prepare(`${range} ASC LIMIT ?`)
  const down = db.prepare(`${range} DESC LIMIT ?`)
  const all = db.prepare(`${columns} WHERE list = ? AND key > ? ORDER BY key LIMIT ?`)
  const remove = db.prepare('DELETE FROM entries WHERE list = ? AND key = ?')
  const upsert = db.prepare(
    `INSERT INTO entries (list, key, scope, position, value) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (list, key) DO UPDATE SET scope = excluded.scope, position = excluded.position, value = excluded.value`,
  )

  const put = (table: Table, row: Row) =>
    upsert.run([table, row.key, row.scope ?? null, row.position ?? null, row.value])

  /** Rows may trade places in one write; then all of them leave before any comes back. */
  const apply = (changes: Changes, clear: boolean) => {
    db.exec('BEGIN IMMEDIATE')
    try {
      for (const [table, rows] of changes)
        for (const [key, row] of rows) if (clear || row === undefined) remove.run([table, key])
      for (const [table, rows] of changes) for (const row of rows.values()) if (row) put(table, row)
      db.exec('COMMIT')
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK')
      throw error
    }
  }

  const applyTrading = (changes: Changes) => {
    try {
      apply(changes, true)
    } catch (cause) {
      if (!isUniqueViolation(cause)) throw cause
      throw new DchatError('storage/corrupt', { store: file, reason: 'two rows claim one place' }, { cause })
    }
  }

  return {
    get: (table, key) => {
      const entry = get.get([table, key]) as Entry | undefined
      return entry && rowOf(entry)
    },
    page: (table, { scope, after, before, limit, order }: PageQuery) => {
      const from = after ?? Number.MIN_SAFE_INTEGER - 1
      const to = before ?? Number.MAX_SAFE_INTEGER + 1
      const query = order === 'descending' ? down : up
      return (query.all([table, scope, from, to, limit]) as Entry[]).map(rowOf)
    },
    scan: (table, { after, limit }) => (all.all([table, after ?? '', limit]) as Entry[]).map(rowOf),
    commit: (changes) => {
      try {
        apply(changes, false)
      } catch (error) {
        if (!isUniqueViolation(error)) throw error
        applyTrading(changes)
      }
    },
    close: () => {
      try {
        db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      } catch {
        // On a full disk there is no room to move rows; they are safe where they are, and the next start goes on.
      }
      db.close()
    },
  }
}

const rowOf = ({ key, scope, position, value }: Entry): Row => {
  const bytes = new Uint8Array(value)
  return scope === null || position === null ? { key, value: bytes } : { key, scope, position, value: bytes }
}

/** Every failure leaves the adapter as a DchatError. */
const guarded = (backend: Backend, file: string): Backend => {
  const guard =
    <A extends unknown[], R>(call: (...args: A) => R) =>
    (...args: A): R => {
      try {
        return call(...args)
      } catch (error) {
        throw storageError(error, file)
      }
    }
  return {
    get: guard(backend.get),
    page: guard(backend.page),
    scan: guard(backend.scan),
    commit: guard(backend.commit),
    close: guard(backend.close),
  }
}
