import type { Files } from '../../ports/files.ts'
import { type Storage, TABLES } from '../../ports/storage.ts'
import { type ConnectionOptions, DexieConnection } from './dexie-connection.ts'
import { dexieError } from './dexie-errors.ts'
import { DexieFence, wasFilled } from './dexie-fence.ts'
import { dexieFiles } from './dexie-files.ts'
import { type DexieKeystore, dexieKeystore } from './dexie-keystore.ts'
import { FENCE, SCHEMA, type SchemaStep } from './dexie-schema.ts'
import { dexieTransactions } from './dexie-transactions.ts'

/** What belongs to the one who claimed the database last. */
export interface ClaimedDatabase {
  readonly storage: Storage
  readonly files: Files
}

/** One IndexedDB database with everything that a store consists of. */
export interface DexieDatabase {
  /** Anybody may write them, so that keys can be changed beside a running owner. */
  readonly files: Files
  readonly keystore: DexieKeystore
  /** Aborted, with the error that everything rejects with from then on, when the database can be used no longer. */
  readonly lost: AbortSignal
  /** Whether rows are there, and whether there ever were some. */
  rows(): Promise<{ readonly some: boolean; readonly ever: boolean }>
  /** From now on nobody else may write rows. Closing the storage closes the database. */
  claim(): Promise<ClaimedDatabase>
  close(): void
}

export interface OpenDatabaseOptions extends Omit<ConnectionOptions, 'schema'> {
  /** Default: all layouts that there are. */
  readonly schema?: readonly SchemaStep[]
}

/**
 * Undefined if there is none and it is not to be made. Throws `storage/unavailable`, `storage/newer-schema` (the database
 * stays as it was), `storage/corrupt` and `storage/full`.
 */
export const openDatabase = async (
  name: string,
  { schema = SCHEMA, ...options }: OpenDatabaseOptions,
): Promise<DexieDatabase | undefined> => {
  const connection = await DexieConnection.open(name, { ...options, schema })
  return (
    connection && {
      files: dexieFiles(connection),
      keystore: dexieKeystore(connection),
      lost: connection.lost,
      rows: () => rowsIn(connection),
      claim: async () => {
        const fence = await DexieFence.claim(connection)
        return { storage: dexieTransactions(connection, fence), files: dexieFiles(connection, fence) }
      },
      close: () => connection.close(),
    }
  )
}

/**
 * Deletes everything; whoever has it open gets `storage/unavailable` from then on. No error if there is none. Where
 * somebody does not let go in time, it throws `storage/unavailable`, and the browser deletes it when they do.
 */
export const deleteDatabase = (name: string, patience?: number): Promise<void> => DexieConnection.delete(name, patience)

const rowsIn = async (connection: DexieConnection): Promise<{ some: boolean; ever: boolean }> => {
  try {
    const { tx } = await connection.begin('r', [...TABLES, FENCE])
    const [ever, ...keys] = await Promise.all([
      wasFilled(tx),
      ...TABLES.map((table) => tx.table(table).limit(1).primaryKeys()),
    ])
    return { ever, some: keys.some((found) => found.length > 0) }
  } catch (error) {
    throw dexieError(error, connection.name)
  }
}
