import { DchatError } from '../../errors.ts'
import type { Reader, Storage, Writer } from '../../ports/storage.ts'
import { Mutex } from '../../util/mutex.ts'
import type { Backend, Changes } from './backend.ts'
import { ChangeFeed } from './changes.ts'
import { reader, writer } from './handles.ts'
import { Overlay } from './overlay.ts'

/**
 * The storage port over a backend. A write gathers its changes beside the rows and commits them in one synchronous
 * step, so no transaction of the database stays open over an `await` and a throw leaves nothing behind.
 */
export const transactions = (backend: Backend): Storage => {
  const writes = new Mutex()
  const feed = new ChangeFeed()
  const snapshots = new Set<Overlay>()
  const reads = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  const assertOpen = () => {
    if (closing) throw new DchatError('usage/closed', { what: 'store' })
  }

  /** Keeps what a commit will replace for every read that is under way: each goes on seeing the past it began in. */
  const preserve = (changes: Changes) => {
    for (const snapshot of snapshots)
      for (const [table, rows] of changes)
        for (const key of rows.keys()) if (!snapshot.has(table, key)) snapshot.set(table, key, backend.get(table, key))
  }

  const read = async <T>(work: (tx: Reader) => Promise<T>): Promise<T> => {
    const snapshot = new Overlay(backend)
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
    const overlay = new Overlay(backend)
    const { tx, end } = writer(overlay)
    let result: T
    try {
      result = await work(tx)
    } finally {
      end()
    }
    if (overlay.changes.size > 0) {
      preserve(overlay.changes)
      backend.commit(overlay.changes)
      feed.committed([...overlay.changes.keys()])
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
        backend.close()
      })),
  }
}
