import { DchatError } from '../../errors.ts'
import type { PageQuery, Reader, Row, ScanQuery, Table, Writer } from '../../ports/storage.ts'
import { checkedRow, checkKey, checkQuery, checkScan, checkTable } from './checks.ts'

/** What a transaction reads from, at once or in a while. */
interface Readable {
  get(table: Table, key: string): Row | undefined | Promise<Row | undefined>
  page(table: Table, query: PageQuery): readonly Row[] | Promise<readonly Row[]>
  scan(table: Table, query: ScanQuery): readonly Row[] | Promise<readonly Row[]>
}

interface Writable extends Readable {
  set(table: Table, key: string, row: Row | undefined): void
}

/** What `work` is given to read with: everything is checked, and nothing goes on after `end`. */
export const reader = (rows: Readable): { tx: Reader; end: () => void } => {
  const alive = liveness()
  const tx: Reader = {
    get: async (table, key) => {
      alive.assert()
      checkTable(table)
      return rows.get(table, key)
    },
    page: async (table, query) => {
      alive.assert()
      checkTable(table)
      checkQuery(query)
      return rows.page(table, query)
    },
    scan: async (table, query) => {
      alive.assert()
      checkTable(table)
      checkScan(query)
      return rows.scan(table, query)
    },
  }
  return { tx, end: alive.end }
}

/** The same with changes, which `rows` gathers. */
export const writer = (rows: Writable): { tx: Writer; end: () => void } => {
  const { tx, end } = reader(rows)
  const alive = liveness()
  const both = () => {
    alive.end()
    end()
  }
  return {
    end: both,
    tx: {
      ...tx,
      put: (table, row) => {
        alive.assert()
        checkTable(table)
        const checked = checkedRow(row)
        rows.set(table, checked.key, checked)
      },
      delete: (table, key) => {
        alive.assert()
        checkTable(table)
        checkKey(key)
        rows.set(table, key, undefined)
      },
    },
  }
}

/** A transaction that leaked out of its `work` must not touch anything. */
const liveness = () => {
  let ended = false
  return {
    end: () => {
      ended = true
    },
    assert: () => {
      if (ended) throw new DchatError('usage/closed', { what: 'transaction' })
    },
  }
}
