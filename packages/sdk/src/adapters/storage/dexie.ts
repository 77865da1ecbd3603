import { DchatError } from '../../errors.ts'
import type { Storage } from '../../ports/storage.ts'
import { openDatabase } from './dexie-database.ts'

/**
 * Rows in one IndexedDB database, every commit flushed to the disk. Whoever opens a database last owns it: the storages
 * that were opened before reject with `storage/in-use`. Throws `storage/unavailable` (also later, when the browser or
 * the user deletes the database), `storage/corrupt`, `storage/full` or `storage/newer-schema` (the database stays as it
 * was). Migrates forward.
 */
export const dexieStorage = async (name: string): Promise<Storage> => {
  if (name === '') throw new DchatError('usage/invalid-argument', { name: 'name', reason: 'it is empty' })
  const database = await openDatabase(name, { create: true })
  if (database === undefined) throw new DchatError('internal/unexpected', { what: 'a new database is not there' })
  try {
    return (await database.claim()).storage
  } catch (error) {
    database.close()
    throw error
  }
}
