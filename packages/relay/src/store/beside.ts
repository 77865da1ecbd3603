import { closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { DchatError, isDchatError } from '@dchat/sdk/wire'
import Database from 'libsql'
import type { InvitationStore } from '../invitations.ts'
import { foundSchema, migrate } from './migrations.ts'
import { type Appliers, applyWrite } from './outcome.ts'
import { asBytes, sqlOf } from './rows.ts'
import { SCHEMA_VERSION } from './schema.ts'
import { invitationReads, invitationWrites } from './sqlite-invitations.ts'
import { DATABASE_FILE, failure, lockDirectory } from './sqlite-open.ts'

/** ms that a write waits for the relay's own. */
const PATIENCE = 5_000

/**
 * The invitations in a data directory, while a relay works on it or not: an operator's command writes a row, the relay
 * reads it when it is shown. Where no relay works, the database is made or brought forward; it is not taken over, so that
 * a relay that starts later still sees whether it is a copy. Throws `storage/newer-schema`, `storage/unavailable`, …
 */
export const invitationsBeside = async <T>(
  directory: string,
  work: (store: InvitationStore) => Promise<T>,
): Promise<T> => {
  try {
    const unlock = lockUnlessTaken(directory)
    try {
      const db = open(directory, unlock === undefined)
      try {
        return await work(storeOf(db))
      } finally {
        db.close()
      }
    } finally {
      unlock?.()
    }
  } catch (error) {
    throw failure(directory, error)
  }
}

const lockUnlessTaken = (directory: string): (() => void) | undefined => {
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  try {
    return lockDirectory(directory)
  } catch (error) {
    if (isDchatError(failure(directory, error), 'storage/in-use')) return undefined
    throw error
  }
}

const open = (directory: string, taken: boolean): Database.Database => {
  const file = join(directory, DATABASE_FILE)
  // The relay's signing key lies in here.
  closeSync(openSync(file, 'a', 0o600))
  const db = new Database(file, { timeout: PATIENCE })
  try {
    if (!taken) {
      foundSchema(db)
      db.pragma('journal_mode = WAL')
      migrate(db)
    } else if (foundSchema(db) !== SCHEMA_VERSION)
      throw new DchatError('storage/unavailable', {
        store: directory,
        reason: 'the relay that works on it is of an older version; restart it with this one',
      })
    db.pragma('synchronous = FULL')
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

const storeOf = (db: Database.Database): InvitationStore => {
  const sql = sqlOf(db)
  // Nothing else is written from here.
  const appliers = invitationWrites(sql) as Appliers
  return {
    invitations: invitationReads(sql).invitations,
    commit: async (writes) => {
      db.exec('BEGIN IMMEDIATE')
      try {
        const outcomes = writes.map((write) => applyWrite(appliers, write))
        db.exec('COMMIT')
        return outcomes
      } catch (error) {
        if (db.inTransaction) db.exec('ROLLBACK')
        throw error
      }
    },
  }
}

/** The relay's seed and the accepted time of its newest entry, from its database. Throws `usage/invalid-argument` without one. */
export const lookBeside = (directory: string): { readonly seed: Uint8Array; readonly newest: number } => {
  const file = join(directory, DATABASE_FILE)
  if (!existsSync(file))
    throw new DchatError('usage/invalid-argument', { name: 'data', reason: 'there is no database in this directory' })
  try {
    const db = new Database(file, { timeout: PATIENCE })
    try {
      const sql = sqlOf(db)
      const seed = sql.get("SELECT value FROM secrets WHERE name = 'relay-key'")?.value
      const newest = sql.get('SELECT max(time) AS time FROM topics')?.time as number | null | undefined
      return { seed: asBytes(seed), newest: newest ?? 0 }
    } finally {
      db.close()
    }
  } catch (error) {
    throw failure(directory, error)
  }
}
