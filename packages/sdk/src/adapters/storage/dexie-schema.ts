import type { Transaction } from 'dexie'
import type { Table } from '../../ports/storage.ts'

/** One version of the database: the object stores that are new or other than before, and what brings their rows along. */
export interface SchemaStep {
  /** In Dexie's notation; null removes a store. */
  readonly stores: Readonly<Record<string, string | null>>
  /** Runs inside the upgrade; a failure leaves the older version whole. */
  readonly upgrade?: (tx: Transaction) => PromiseLike<unknown>
}

/** Who may write: one row. */
export const FENCE = 'fence'
/** Small private files, such as the key ring. */
export const FILES = 'files'
/** Keys whose bytes no program is given, kept as the browser's own objects. */
export const SECRETS = 'secrets'

const ROWS = 'key, &[scope+position]'

const FIRST = {
  meta: ROWS,
  identities: ROWS,
  conversations: ROWS,
  rooms: ROWS,
  groups: ROWS,
  messages: ROWS,
  arrivals: ROWS,
  outbox: ROWS,
  keyPackages: ROWS,
  inbox: ROWS,
  jobs: ROWS,
  streams: ROWS,
  proofs: ROWS,
  personal: ROWS,
  profiles: ROWS,
  search: ROWS,
  offers: ROWS,
  archive: ROWS,
  fence: 'name',
  files: 'name',
  secrets: 'name',
} satisfies Readonly<Record<Exclude<Table, 'tail'> | typeof FENCE | typeof FILES | typeof SECRETS, string>>

/** One step per schema version, forward only. A released step is never edited. */
export const SCHEMA: readonly SchemaStep[] = [{ stores: FIRST }, { stores: { tail: ROWS } }]

/** The object stores that a database has after all of these steps. */
export const storesAfter = (steps: readonly SchemaStep[]): readonly string[] => {
  const stores = new Set<string>()
  for (const step of steps)
    for (const [name, definition] of Object.entries(step.stores))
      if (definition === null) stores.delete(name)
      else stores.add(name)
  return [...stores]
}
