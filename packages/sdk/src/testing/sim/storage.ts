import { type MemoryBacking, memoryStorage } from '../../adapters/storage/memory.ts'
import type { Storage, Writer } from '../../ports/storage.ts'
import { Mutex } from '../../util/mutex.ts'
import { never, type SimProcess } from './process.ts'

/**
 * A device's disk: rows in memory whose writes take simulated time and belong to one run of the device. After a kill
 * nothing settles any more; the backing holds what was durable, for the next run.
 */
export const simulatedStorage = (process: SimProcess, backing: MemoryBacking): Storage => {
  const rows = memoryStorage(backing)
  const writes = new Mutex()
  return {
    read: async (work) => (process.alive ? process.whileAlive(rows.read(work)) : never()),
    write: async (work) => {
      if (!process.alive) return never()
      return writes.run(() =>
        process.whileAlive(
          rows.write(async (tx) => {
            const { writer, touched } = noticing(tx)
            const result = await work(writer)
            if (touched()) await process.flushed()
            return result
          }),
        ),
      )
    },
    changes: (tables, options) => rows.changes(tables, options),
    close: () => rows.close(),
  }
}

/** A writer that knows whether anything was written: looking is free. */
const noticing = (tx: Writer): { writer: Writer; touched: () => boolean } => {
  let touched = false
  return {
    touched: () => touched,
    writer: {
      get: (table, key) => tx.get(table, key),
      page: (table, query) => tx.page(table, query),
      scan: (table, query) => tx.scan(table, query),
      put: (table, row) => {
        touched = true
        tx.put(table, row)
      },
      delete: (table, key) => {
        touched = true
        tx.delete(table, key)
      },
    },
  }
}
