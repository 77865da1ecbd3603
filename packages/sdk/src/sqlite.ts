// The parts that need SQLite: storage in a file, and the right to a folder

export { acquireOwner, type Owner } from './adapters/owner/lock-file.ts'
export { type SqliteOptions, sqliteStorage } from './adapters/storage/sqlite.ts'
export type { Storage } from './ports/storage.ts'
