import { DchatError } from '../../errors.ts'
import type { Storage, Table } from '../../ports/storage.ts'
import type { Backend, Changes } from './backend.ts'
import { MemoryTable } from './memory-table.ts'
import { transactions } from './transactions.ts'

/** What outlives a `close`: give it to the next `memoryStorage` to open the same store again. */
export interface MemoryBacking {
  readonly tables: Map<Table, MemoryTable>
}

/** Rows in memory, for tests and burner sessions: the same contract as the durable adapters, one storage at a time. */
export const memoryStorage = (backing: MemoryBacking = { tables: new Map() }): Storage => {
  const table = (name: Table): MemoryTable => {
    const known = backing.tables.get(name) ?? new MemoryTable()
    backing.tables.set(name, known)
    return known
  }
  const backend: Backend = {
    get: (name, key) => table(name).get(key),
    page: (name, query) => table(name).page(query),
    scan: (name, query) => table(name).scan(query),
    commit: (changes) => {
      assertPlaces(changes, table)
      for (const [name, rows] of changes) {
        for (const key of rows.keys()) table(name).delete(key)
        for (const row of rows.values()) if (row) table(name).insert(row)
      }
    },
    close: () => undefined,
  }
  return transactions(backend)
}

/** Checks the state after the commit before anything is changed. */
const assertPlaces = (changes: Changes, table: (name: Table) => MemoryTable): void => {
  for (const [name, rows] of changes) {
    const taken = new Set<string>()
    for (const row of rows.values()) {
      if (row?.scope === undefined || row.position === undefined) continue
      const place = `${row.position}/${row.scope}`
      const other = table(name).at(row.scope, row.position)
      if (taken.has(place) || (other !== undefined && !rows.has(other)))
        throw new DchatError('storage/corrupt', { store: 'memory', reason: `two rows of ${name} claim one place` })
      taken.add(place)
    }
  }
}
