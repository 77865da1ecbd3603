import type Database from 'libsql'
import { DchatError } from '../../errors.ts'

/**
 * One step per schema version, forward only. A released step is never edited.
 * An append log by rowid with two unique indexes takes inserts several times faster than a clustered key.
 */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE entries (
     id INTEGER PRIMARY KEY,
     list TEXT NOT NULL,
     key TEXT NOT NULL,
     scope TEXT,
     position INTEGER,
     value BLOB NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX entries_key ON entries (list, key);
   CREATE UNIQUE INDEX entries_place ON entries (list, scope, position) WHERE scope IS NOT NULL;`,
]

const SCHEMA_VERSION = MIGRATIONS.length

export const refuseNewer = (found: number): void => {
  if (found > SCHEMA_VERSION) throw new DchatError('storage/newer-schema', { found, supported: SCHEMA_VERSION })
}

/** Brings the schema forward, each step in a transaction of its own. */
export const migrate = (db: Database.Database): void => {
  const row = db.prepare('PRAGMA user_version').get() as { user_version: number }
  refuseNewer(row.user_version)
  for (let version = row.user_version; version < SCHEMA_VERSION; version++) {
    try {
      db.exec(`BEGIN IMMEDIATE; ${MIGRATIONS[version]} PRAGMA user_version = ${version + 1}; COMMIT;`)
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK')
      throw error
    }
  }
  // The version must stand in the file's header, not only in the WAL: an older program looks there first.
  if (row.user_version < SCHEMA_VERSION) db.exec('PRAGMA wal_checkpoint(TRUNCATE)')
}
