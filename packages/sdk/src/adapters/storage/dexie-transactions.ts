import { DchatError } from '../../errors.ts'
import type { Reader, Storage, Writer } from '../../ports/storage.ts'
import { Mutex } from '../../util/mutex.ts'
import { ChangeFeed } from './changes.ts'
import { commit } from './dexie-commit.ts'
import type { DexieConnection } from './dexie-connection.ts'
import type { DexieFence } from './dexie-fence.ts'
import { StoredOverlay } from './dexie-overlay.ts'
import { DexieRows } from './dexie-rows.ts'
import { reader, writer } from './handles.ts'

/**
 * The storage port over one connection; whoever had the database before may use it no longer. A write gathers its
 * changes beside the rows and commits them in one transaction of IndexedDB, together with the proof that nobody claimed
 * the database meanwhile. So `work` may even wait for something else: it costs another transaction, never a hang.
 */
export const dexieTransactions = (connection: DexieConnection, fence: DexieFence): Storage => {
  const writes = new Mutex()
  const feed = new ChangeFeed()
  const snapshots = new Set<StoredOverlay>()
  const reads = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  const assertOpen = () => {
    if (closing) throw new DchatError('usage/closed', { what: 'store' })
  }

  const read = async <T>(work: (tx: Reader) => Promise<T>): Promise<T> => {
    const snapshot = new StoredOverlay(new DexieRows(connection, fence))
    const { tx, end } = reader(snapshot)
    snapshots.add(snapshot)
    try {
      return await work(tx)
    } finally {
      end()
      snapshots.delete(snapshot)
    }
  }

  const write = async <T>(work: (tx: Writer) => Promise<T>): Promise<T> => {
    const overlay = new StoredOverlay(new DexieRows(connection, fence))
    const { tx, end } = writer(overlay)
    let result: T
    try {
      result = await work(tx)
    } finally {
      end()
    }
    const { changes } = overlay
    if (changes.size > 0) {
      await commit({ connection, fence, changes, snapshots })
      feed.committed([...changes.keys()])
    }
    return result
  }

  return {
    read: async (work) => {
      assertOpen()
      const running = read(work)
      reads.add(running)
      return running.finally(() => reads.delete(running))
    },
    write: async (work) => {
      assertOpen()
      return writes.run(() => write(work))
    },
    changes: (tables, options) => feed.listen(tables, options),
    close: () =>
      (closing ??= writes.run(async () => {
        feed.close()
        await Promise.allSettled(reads)
        connection.close()
      })),
  }
}
