import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DchatError, isDchatError } from '@dchat/sdk/wire'
import Database from 'libsql'
import { foundSchema, migrate } from './migrations.ts'
import type { Handles } from './sqlite-connections.ts'
import type { SchemaStep } from './store.ts'

/** The database in a data directory, and the file whose lock says that the directory has an owner. */
export const DATABASE_FILE = 'relay.db'
/** `application_id` of a restored database, until a relay has taken it over. */
export const COPIED = 0x64636370
const LOCK_FILE = 'relay.lock'

const PAGE_BYTES = 4096
/** ms that a commit waits for another program's short write: an invitation that the operator makes. */
const PATIENCE = 5_000

/** Driver errors become typed ones. */
export const failure = (store: string, error: unknown): DchatError => {
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
    return corrupt(store, 'the database cannot be read', error)
  return new DchatError('storage/unavailable', { store, reason: code || 'the database failed' }, { cause: error })
}

const IN_USE_HINT = 'Stop the other relay, or give this one a data directory of its own with --data.'
const CORRUPT_HINT = 'Restore the data directory from a backup; a relay must never go on with a damaged log.'

export const corrupt = (store: string, reason: string, cause?: unknown): DchatError =>
  new DchatError('storage/corrupt', { store, reason }, { cause, hint: CORRUPT_HINT })

export interface Opened {
  readonly handles: Handles
  /** The file is a copy of the one that a relay last worked on: entries may be missing at its end. */
  readonly copied: boolean
  readonly upgraded: SchemaStep | undefined
  /** Closes and gives the lock back at once. */
  release(): void
}

/**
 * Opens or creates the relay's database and becomes its owner. The owner's lock is one of its own file, so that other
 * programs may read the database while the relay runs; it ends with the process, however that ends.
 */
export const openOwned = (directory: string, maxBytes: number | undefined): Opened => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const file = join(directory, DATABASE_FILE)
  // The relay's signing key lives in here; SQLite gives its side files the mode of the database.
  closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
  const unlock = lockDirectory(directory)
  try {
    const db = openDatabase(file)
    const open = [db]
    try {
      if (maxBytes !== undefined) db.pragma(`max_page_count = ${Math.max(1, Math.floor(maxBytes / PAGE_BYTES))}`)
      const upgraded = migrate(db)
      const copied = takeOver(db, file, directory)
      const beside = (): Database.Database => {
        const another = openDatabase(file)
        open.push(another)
        return another
      }
      return {
        handles: { writer: db, reader: beside(), checkpointer: beside() },
        copied,
        upgraded,
        release: () => {
          try {
            db.pragma('wal_checkpoint(TRUNCATE)')
          } finally {
            for (const each of open) each.close()
            unlock()
          }
        },
      }
    } catch (error) {
      for (const each of open) each.close()
      throw error
    }
  } catch (error) {
    unlock()
    throw error
  }
}

/** Opens a database that exists, beside its owner. Throws `storage/newer-schema` before anything is set up. */
const openDatabase = (file: string): Database.Database => {
  const db = new Database(file, { timeout: PATIENCE })
  try {
    foundSchema(db)
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = FULL')
    // Checkpoints are made beside the writes; this is for the case that they cannot be.
    db.pragma('wal_autocheckpoint = 32000')
    db.pragma('foreign_keys = OFF')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

/**
 * Takes the lock of a directory, which ends with the process; returns how to give it back. The driver closes files late,
 * so that is done by the transaction.
 */
export const lockDirectory = (directory: string): (() => void) => {
  const file = join(directory, LOCK_FILE)
  closeSync(openSync(file, 'a', 0o600))
  const db = new Database(file, { timeout: 0 })
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    throw error
  }
  return () => {
    db.exec('ROLLBACK')
    db.close()
  }
}

/** Which file on which disk this is. Some file systems have no time of birth and tell another one in its place. */
const fileName = (file: string): string => {
  const { ino, birthtimeNs, ctimeNs } = statSync(file, { bigint: true })
  return `${ino}/${birthtimeNs === ctimeNs ? 0 : birthtimeNs}`
}

/**
 * A copied database may lack what the relay has promised since. What was handed out then is taken for handed out, and the
 * numbers of inboxes leave a gap, so that no number is given to a second item.
 */
const takeOver = (db: Database.Database, file: string, directory: string): boolean => {
  const name = fileName(file)
  const held = db.prepare("SELECT value FROM facts WHERE name = 'file'").get([]) as { value: string } | undefined
  const [mark] = db.pragma('application_id') as { application_id: number }[]
  const copied = mark?.application_id === COPIED || (held !== undefined && held.value !== name)
  if (!copied && held !== undefined) return false
  if (copied) {
    const [row] = db.pragma('quick_check(1)') as { quick_check: string }[]
    if (row?.quick_check !== 'ok') throw corrupt(directory, 'it is a copy that was torn while it was made')
  }
  db.exec('BEGIN IMMEDIATE')
  try {
    db.prepare(
      "INSERT INTO facts (name, value) VALUES ('file', ?) ON CONFLICT DO UPDATE SET value = excluded.value",
    ).run([name])
    if (copied) {
      db.exec(`UPDATE inboxes SET gap = ${INBOX_GAP}`)
      db.prepare('UPDATE packages SET package = NULL, claimed = ? WHERE package IS NOT NULL').run([Date.now()])
      db.pragma('application_id = 0')
    }
    db.exec('COMMIT')
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK')
    throw error
  }
  return copied
}

/** More items than an inbox can have been given between a copy and its use. */
const INBOX_GAP = 1_048_576
