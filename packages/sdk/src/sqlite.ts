export { type SqliteOptions, sqliteStorage } from './adapters/storage/sqlite.ts'
export type { Storage } from './ports/storage.ts'
