import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DchatError, isDchatError } from '@dchat/sdk/wire'
import Database from 'libsql'
import { foundSchema, migrate } from './migrations.ts'
import { type Appliers, applyWrite } from './outcome.ts'
import { asBytes, sqlOf } from './rows.ts'
import { identityReads, identityWrites } from './sqlite-identities.ts'
import { inboxReads, inboxWrites } from './sqlite-inboxes.ts'
import { successorReads, successorWrites } from './sqlite-successors.ts'
import { sweepSlice } from './sqlite-sweep.ts'
import { appendTopic, topicReads } from './sqlite-topics.ts'
import type { Store } from './store.ts'
import { TopicCache } from './topic-cache.ts'

export interface SqliteOptions {
  /** The database refuses to grow beyond this many bytes: `storage/full`. Default: the disk decides. */
  readonly maxBytes?: number
}

const DATABASE_FILE = 'relay.db'

const PAGE_BYTES = 4096

/** Driver errors become typed ones. */
const failure = (store: string, error: unknown): DchatError => {
  if (isDchatError(error)) return error
  const { code = '', message = 'unknown' } = error as { code?: string; message?: string }
  if (code.startsWith('SQLITE_FULL') || message.includes('ENOSPC'))
    return new DchatError('storage/full', { store }, { cause: error })
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED'))
    return new DchatError(
      'storage/in-use',
      { store, owner: 'another relay process' },
      { cause: error, hint: IN_USE_HINT },
    )
  if (code.startsWith('SQLITE_CORRUPT') || code.startsWith('SQLITE_NOTADB'))
    return new DchatError(
      'storage/corrupt',
      { store, reason: 'the database cannot be read' },
      { cause: error, hint: CORRUPT_HINT },
    )
  return new DchatError('storage/unavailable', { store, reason: code || 'the database failed' }, { cause: error })
}

const IN_USE_HINT = 'Stop the other relay, or give this one a data directory of its own with --data.'
const CORRUPT_HINT = 'Restore the data directory from a backup; a relay must never go on with a damaged log.'

/**
 * Opens or creates the relay's database in a directory. The exclusive lock of the database is the lock of the directory:
 * it ends with the process, however that ends.
 * Throws `storage/in-use`, `storage/newer-schema`, `storage/corrupt`, `storage/full` or `storage/unavailable`.
 */
export const sqliteStore = (directory: string, { maxBytes }: SqliteOptions = {}): Store => {
  let closed = false
  const alive = (): void => {
    if (closed) throw new DchatError('usage/closed', { what: 'store' })
  }
  const attempt = <T>(work: () => T): T => {
    alive()
    try {
      return work()
    } catch (error) {
      throw failure(directory, error)
    }
  }
  const db = attempt(() => open(directory, maxBytes))
  const sql = sqlOf(db)
  const cache = new TopicCache()
  const appliers: Appliers = {
    'topic.append': appendTopic(sql, cache),
    ...successorWrites(sql),
    ...inboxWrites(sql),
    ...identityWrites(sql),
  }

  /** All of `work` or nothing; SQLite itself rolls back at a full disk. */
  const transaction = <T>(work: () => T): T =>
    attempt(() => {
      db.exec('BEGIN IMMEDIATE')
      try {
        const result = work()
        db.exec('COMMIT')
        return result
      } catch (error) {
        cache.clear()
        if (db.inTransaction) db.exec('ROLLBACK')
        throw error
      }
    })

  const reads = { ...topicReads(sql, cache), ...successorReads(sql), ...inboxReads(sql), ...identityReads(sql) }
  const guarded = Object.fromEntries(
    Object.entries(reads).map(([name, read]) => [
      name,
      async (...args: never[]) => {
        alive()
        try {
          return await (read as (...args: never[]) => Promise<unknown>)(...args)
        } catch (error) {
          throw failure(directory, error)
        }
      },
    ]),
  ) as unknown as typeof reads

  return {
    ...guarded,
    secret: async (name, make) =>
      transaction(() => {
        const held = sql.get('SELECT value FROM secrets WHERE name = ?', name)
        if (held) return asBytes(held.value)
        const value = make()
        sql.run('INSERT INTO secrets (name, value) VALUES (?,?)', name, value)
        return value
      }),
    commit: async (writes) => transaction(() => writes.map((write) => applyWrite(appliers, write))),
    sweep: async (times, limit) => {
      // It changes how many bytes topics hold.
      cache.clear()
      return transaction(() => sweepSlice(sql, times, limit))
    },
    check: async () => {
      attempt(() => sql.get('SELECT seq FROM topics LIMIT 1'))
    },
    close: async () => {
      if (closed) return
      attempt(() => release(db))
      closed = true
    },
  }
}

/**
 * Closes and gives the lock back at once. The driver keeps the file open until its statements are collected, so the lock
 * is given up by name: first the log goes into the database, because only then the exclusive mode can be left.
 */
const release = (db: Database.Database): void => {
  try {
    db.pragma('journal_mode = DELETE')
    db.pragma('locking_mode = NORMAL')
    db.prepare('SELECT count(*) FROM secrets').get([])
  } finally {
    db.close()
  }
}

const open = (directory: string, maxBytes: number | undefined): Database.Database => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = join(directory, DATABASE_FILE)
  // The relay's signing key lives in here; SQLite gives its side files the mode of the database.
  closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
  const db = new Database(file, { timeout: 0 })
  try {
    foundSchema(db)
  } catch (error) {
    db.close()
    throw error
  }
  try {
    db.pragma('locking_mode = EXCLUSIVE')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    db.pragma('wal_autocheckpoint = 16000')
    db.pragma('foreign_keys = OFF')
    if (maxBytes !== undefined) db.pragma(`max_page_count = ${Math.max(1, Math.floor(maxBytes / PAGE_BYTES))}`)
    // Takes the lock now and not at the first write.
    db.exec('BEGIN IMMEDIATE')
    db.exec('COMMIT')
    migrate(db)
    return db
  } catch (error) {
    giveUp(db)
    throw error
  }
}

/** `release`, where nothing more can be done about a failure: the first one is the one to tell. */
const giveUp = (db: Database.Database): void => {
  try {
    release(db)
  } catch {
    // `release` has closed it all the same.
  }
}
