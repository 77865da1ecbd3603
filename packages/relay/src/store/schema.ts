/**
 * Forward migrations: entry n brings a database from schema n to n + 1. Never edit one that was released.
 *
 * Entries are an append log by rowid with narrow unique indexes: four times the rows per second of a table that is
 * clustered by (topic, seq), because pages fill from one end only.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;

  CREATE TABLE topics (
    id INTEGER PRIMARY KEY,
    topic BLOB NOT NULL UNIQUE,
    seq INTEGER NOT NULL,
    head BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    time INTEGER NOT NULL,
    key BLOB NOT NULL,
    previous_key BLOB,
    removed INTEGER NOT NULL,
    bytes INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE topic_keys (
    topic INTEGER NOT NULL, key BLOB NOT NULL, epoch INTEGER NOT NULL, PRIMARY KEY (topic, key)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE removals (
    topic INTEGER NOT NULL, epoch INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (topic, epoch)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    topic INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    time INTEGER NOT NULL,
    reference BLOB NOT NULL,
    entry BLOB NOT NULL,
    previous BLOB NOT NULL,
    proof BLOB NOT NULL,
    frame BLOB,
    body BLOB
  ) STRICT;
  CREATE UNIQUE INDEX entries_place ON entries (topic, seq);
  CREATE UNIQUE INDEX entries_reference ON entries (topic, reference);
  CREATE INDEX entries_due ON entries (kind, time) WHERE body IS NOT NULL;

  CREATE TABLE blobs (id BLOB PRIMARY KEY, time INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
  CREATE INDEX blobs_due ON blobs (time);

  CREATE TABLE inboxes (
    id INTEGER PRIMARY KEY, device BLOB NOT NULL UNIQUE, seq INTEGER NOT NULL, items INTEGER NOT NULL, bytes INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE inbox_items (
    id INTEGER PRIMARY KEY,
    inbox INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    reference BLOB NOT NULL,
    time INTEGER NOT NULL,
    acked INTEGER,
    body BLOB
  ) STRICT;
  CREATE UNIQUE INDEX inbox_place ON inbox_items (inbox, seq);
  CREATE UNIQUE INDEX inbox_reference ON inbox_items (inbox, reference);
  CREATE INDEX inbox_due ON inbox_items (time) WHERE body IS NOT NULL;
  CREATE INDEX inbox_acked ON inbox_items (acked) WHERE acked IS NOT NULL;

  CREATE TABLE packages (
    id INTEGER PRIMARY KEY, device BLOB NOT NULL, suite TEXT NOT NULL, hash BLOB NOT NULL, claimed INTEGER, package BLOB
  ) STRICT;
  CREATE UNIQUE INDEX packages_hash ON packages (device, suite, hash);
  CREATE INDEX packages_stock ON packages (device, suite, id) WHERE package IS NOT NULL;
  CREATE INDEX packages_claimed ON packages (claimed) WHERE claimed IS NOT NULL;
  CREATE TABLE last_resorts (
    device BLOB NOT NULL, suite TEXT NOT NULL, package BLOB NOT NULL, PRIMARY KEY (device, suite)
  ) STRICT;

  CREATE TABLE identities (address TEXT PRIMARY KEY, branches BLOB NOT NULL) STRICT;
  CREATE TABLE identity_keys (
    key BLOB NOT NULL, address TEXT NOT NULL, shown INTEGER NOT NULL, PRIMARY KEY (key, address)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX identity_keys_address ON identity_keys (address);
  CREATE TABLE identity_devices (
    device BLOB NOT NULL, address TEXT NOT NULL, place INTEGER NOT NULL, revoked INTEGER NOT NULL,
    PRIMARY KEY (device, address)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX identity_devices_address ON identity_devices (address);

  CREATE TABLE archive (
    address TEXT NOT NULL, slot BLOB NOT NULL, time INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (address, slot)
  ) STRICT;
  `,
  `
  ALTER TABLE topics ADD COLUMN successors INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE successors (
    id INTEGER PRIMARY KEY,
    topic INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    reference BLOB NOT NULL,
    epoch INTEGER NOT NULL,
    time INTEGER NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX successors_place ON successors (topic, seq);
  CREATE UNIQUE INDEX successors_reference ON successors (topic, reference);
  CREATE INDEX successors_due ON successors (time);
  `,
  `
  CREATE TABLE archives (address TEXT PRIMARY KEY, slots INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
  INSERT INTO archives SELECT address, count(*), sum(length(body)) FROM archive GROUP BY address;
  `,
  `
  CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  ALTER TABLE inboxes ADD COLUMN gap INTEGER NOT NULL DEFAULT 0;
  `,
  `
  ALTER TABLE topics ADD COLUMN commit_key BLOB;
  `,
  `
  CREATE TABLE invitations (
    hash BLOB PRIMARY KEY,
    note TEXT NOT NULL,
    uses INTEGER NOT NULL,
    used INTEGER NOT NULL,
    created INTEGER NOT NULL,
    expires INTEGER,
    revoked INTEGER
  ) STRICT;
  `,
]

export const SCHEMA_VERSION = MIGRATIONS.length
