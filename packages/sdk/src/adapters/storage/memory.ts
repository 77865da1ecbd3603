import { DchatError } from '../../errors.ts'
import type { PageQuery, Reader, Row, Storage, Table, Writer } from '../../ports/storage.ts'
import { Mutex } from '../../util/mutex.ts'
import { ChangeFeed } from './changes.ts'

type Rows = ReadonlyMap<string, Row>
type Tables = ReadonlyMap<Table, Rows>

/** What outlives a `close`: give it to the next `memoryStorage` to open the same store again. */
export interface MemoryBacking {
  tables: Tables
}

const closed = () => new DchatError('usage/closed', { what: 'storage' })

const page = (rows: Iterable<Row>, { scope, after, before, limit, order }: PageQuery): Row[] => {
  const found = [...rows].filter(
    (row) =>
      row.scope === scope &&
      row.position !== undefined &&
      (after === undefined || row.position > after) &&
      (before === undefined || row.position < before),
  )
  found.sort((a, b) => (a.position as number) - (b.position as number))
  return (order === 'descending' ? found.reverse() : found).slice(0, limit)
}

/** Everything in memory, for tests and short-lived identities. The same contract as the durable adapters. */
export const memoryStorage = (backing: MemoryBacking = { tables: new Map() }): Storage => {
  const lock = new Mutex()
  const feed = new ChangeFeed()
  let open = true
  const reader = (tables: () => Tables): Reader => ({
    get: async (table, key) => tables().get(table)?.get(key),
    page: async (table, query) => page(tables().get(table)?.values() ?? [], query),
  })
  return {
    read: async (work) => {
      if (!open) throw closed()
      const snapshot = backing.tables
      return work(reader(() => snapshot))
    },
    write: (work) =>
      lock.run(async () => {
        if (!open) throw closed()
        const draft = new Map<Table, Map<string, Row>>()
        const tables = (): Tables => new Map([...backing.tables, ...draft])
        const rows = (table: Table): Map<string, Row> => {
          const copy = draft.get(table) ?? new Map(backing.tables.get(table) ?? [])
          draft.set(table, copy)
          return copy
        }
        const writer: Writer = {
          ...reader(tables),
          put: (table, row) => {
            rows(table).set(row.key, { ...row, value: row.value.slice() })
          },
          delete: (table, key) => {
            rows(table).delete(key)
          },
        }
        const result = await work(writer)
        checkUnique(draft)
        backing.tables = tables()
        if (draft.size > 0) feed.committed(new Set(draft.keys()))
        return result
      }),
    changes: (wanted, options) => feed.listen(wanted, options),
    close: async () => {
      await lock.run(async () => {
        open = false
      })
      feed.close()
    },
  }
}

const checkUnique = (draft: ReadonlyMap<Table, Rows>): void => {
  for (const [table, rows] of draft) {
    const taken = new Set<string>()
    for (const { scope, position } of rows.values()) {
      if (scope === undefined) continue
      const place = `${position} ${scope}`
      if (taken.has(place))
        throw new DchatError('storage/corrupt', { store: table, reason: 'two rows want one place of a list' })
      taken.add(place)
    }
  }
}
