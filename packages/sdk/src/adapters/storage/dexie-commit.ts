import type { Transaction } from 'dexie'
import { DchatError } from '../../errors.ts'
import type { Row } from '../../ports/storage.ts'
import type { Changes } from './backend.ts'
import type { DexieConnection } from './dexie-connection.ts'
import { dexieError, isUniqueViolation, namesIn } from './dexie-errors.ts'
import type { DexieFence } from './dexie-fence.ts'
import type { StoredOverlay } from './dexie-overlay.ts'
import { tableOf } from './dexie-rows.ts'
import { FENCE } from './dexie-schema.ts'

interface Commit {
  readonly connection: DexieConnection
  readonly fence: DexieFence
  readonly changes: Changes
  /** The reads that are under way: each goes on seeing the past it began in. */
  readonly snapshots: Iterable<StoredOverlay>
}

/** Everything or nothing, and on the disk when it resolves. Throws DchatError only. */
export const commit = async (parts: Commit): Promise<void> => {
  try {
    await run(parts)
  } catch (error) {
    throw dexieError(error, parts.connection.name)
  }
}

const run = async ({ connection, fence, changes, snapshots }: Commit): Promise<void> => {
  const { tx, done } = await connection.begin('rw', [...changes.keys(), FENCE])
  try {
    await fence.assert(tx)
    for (const snapshot of snapshots) await preserve(tx, changes, snapshot)
    await fence.fill(tx)
    await apply(tx, changes, connection.name)
  } catch (error) {
    tx.abort()
    const end = await done.catch((reason: unknown) => reason)
    // Where the browser ended it, the transaction knows better why than the request that was cut off.
    throw namesIn(end).has('QuotaExceededError') ? end : error
  }
  await done
}

/** Keeps what is about to be replaced. */
const preserve = async (tx: Transaction, changes: Changes, snapshot: StoredOverlay): Promise<void> => {
  for (const [table, rows] of changes) {
    const keys = [...rows.keys()].filter((key) => !snapshot.has(table, key))
    const old = await tableOf(tx, table).bulkGet(keys)
    for (const [index, key] of keys.entries()) snapshot.set(table, key, old[index])
  }
}

const apply = async (tx: Transaction, changes: Changes, store: string): Promise<void> => {
  try {
    await change(tx, changes, false)
  } catch (error) {
    if (!isUniqueViolation(error)) throw error
    await changeTrading(tx, changes, store)
  }
}

/** Rows may trade places in one write; then all of them leave before any comes back. */
const changeTrading = async (tx: Transaction, changes: Changes, store: string): Promise<void> => {
  try {
    await change(tx, changes, true)
  } catch (cause) {
    if (!isUniqueViolation(cause)) throw cause
    throw new DchatError('storage/corrupt', { store, reason: 'two rows claim one place' }, { cause })
  }
}

const change = async (tx: Transaction, changes: Changes, clear: boolean): Promise<void> => {
  for (const [table, rows] of changes) {
    const leaving = [...rows].filter(([, row]) => clear || row === undefined).map(([key]) => key)
    const coming = [...rows.values()].filter((row): row is Row => row !== undefined)
    if (leaving.length > 0) await tableOf(tx, table).bulkDelete(leaving)
    if (coming.length > 0) await tableOf(tx, table).bulkPut(coming)
  }
}
