import type { BackupRow } from '../../domain/backup/records.ts'
import type { BackupContent } from '../../domain/backup/write.ts'
import type { Store } from '../../domain/store/store.ts'
import { TABLES, type Table } from '../../ports/storage.ts'
import type { Abortable } from '../../util/abort.ts'
import { Handover } from '../../util/handover.ts'
import type { BackupProgress } from '../api/backup.ts'

/** Records that are read together. */
const SOME = 200

/** What is made of the other tables again where it is missing, and what nobody misses. */
const DERIVED: readonly Table[] = ['search', 'tail']
const CARRIED = TABLES.filter((table) => !DERIVED.includes(table))

interface Options extends Abortable {
  readonly onProgress?: ((progress: BackupProgress) => void) | undefined
}

type Given = { readonly total: number } | { readonly rows: readonly BackupRow[] }

/**
 * Every record of the store as it is at one moment. The read lasts as long as somebody takes them, and everything else goes
 * on meanwhile: the store keeps for it what is replaced.
 */
export const snapshotOf = async (store: Store, createdAt: number, options: Options): Promise<BackupContent> => {
  const { signal, onProgress } = options
  const handover = new Handover<Given>()
  store
    .read(async (tx) => {
      let total = 0
      for (const table of CARRIED) total += await tx.count(table)
      if (!(await handover.give({ total }, { signal }))) return
      for (const table of CARRIED)
        for (let after: string | undefined, more = true; more; ) {
          const page = await tx.scan(table, { limit: SOME, ...(after === undefined ? {} : { after }) })
          const rows = page.rows.map((row): BackupRow => ({ table, ...row }))
          if (rows.length > 0 && !(await handover.give({ rows }, { signal }))) return
          after = page.next
          more = after !== undefined
        }
    })
    .then(
      () => handover.end(),
      (error: unknown) => handover.end({ error }),
    )
  const taken = handover.taken()
  const { value: first } = await taken.next()
  const total = first !== undefined && 'total' in first ? first.total : 0
  onProgress?.({ done: 0, total })
  return {
    createdAt,
    rows: total,
    all: rowsOf(taken, (done) => onProgress?.({ done, total })),
    close: async () => {
      await taken.return(undefined)
    },
  }
}

async function* rowsOf(taken: AsyncIterable<Given>, tell: (done: number) => void): AsyncGenerator<BackupRow> {
  let done = 0
  for await (const given of taken) {
    if (!('rows' in given)) continue
    yield* given.rows
    done += given.rows.length
    tell(done)
  }
}
