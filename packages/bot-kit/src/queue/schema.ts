import { DchatError } from '@dchat/sdk/errors'
import type { Database } from 'libsql'

/** Forward migrations: entry n brings a database from schema n to n + 1. Never edit one that was released. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE inbox (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, event_id TEXT NOT NULL UNIQUE, conv TEXT NOT NULL, at INTEGER NOT NULL, body TEXT
  ) STRICT;
  CREATE INDEX inbox_over ON inbox (at) WHERE body IS NULL;

  CREATE TABLE delivery (
    endpoint TEXT NOT NULL,
    seq INTEGER NOT NULL,
    conv TEXT NOT NULL,
    place TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER,
    answer TEXT,
    reason TEXT,
    PRIMARY KEY (endpoint, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX delivery_due ON delivery (endpoint, place, due_at, seq) WHERE due_at IS NOT NULL;
  CREATE INDEX delivery_lane ON delivery (endpoint, conv, seq) WHERE place = 'lane';
  CREATE INDEX delivery_event ON delivery (seq);

  CREATE TABLE dead_letter (
    endpoint TEXT NOT NULL,
    seq INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    reason TEXT NOT NULL,
    status INTEGER,
    at INTEGER NOT NULL,
    PRIMARY KEY (endpoint, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX dead_letter_event ON dead_letter (seq);
  CREATE INDEX dead_letter_age ON dead_letter (at);

  CREATE TABLE endpoint (
    name TEXT PRIMARY KEY,
    disabled TEXT,
    failing_since INTEGER,
    failures INTEGER NOT NULL,
    last_status INTEGER,
    last_at INTEGER
  ) STRICT;

  CREATE TABLE secret (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
  `,
  `
  CREATE TABLE webhook (
    name TEXT PRIMARY KEY, url TEXT NOT NULL, keys TEXT NOT NULL, is_private INTEGER NOT NULL, tested_at INTEGER
  ) STRICT;
  `,
]

/** Brings a database forward, all steps in one transaction. Throws `storage/newer-schema`. */
export const migrate = (db: Database): void => {
  const [row] = db.pragma('user_version') as { user_version: number }[]
  const found = row?.user_version ?? 0
  const supported = MIGRATIONS.length
  if (found > supported) throw new DchatError('storage/newer-schema', { found, supported })
  if (found === supported) return
  db.exec('BEGIN IMMEDIATE')
  try {
    for (const step of MIGRATIONS.slice(found)) db.exec(step)
    db.pragma(`user_version = ${supported}`)
    db.exec('COMMIT')
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK')
    throw error
  }
}
