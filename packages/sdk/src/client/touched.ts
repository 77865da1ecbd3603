import type { Store } from '../domain/store/store.ts'
import type { Broadcast } from '../util/broadcast.ts'
import type { RoomRecord } from './records.ts'

/** A conversation or a person whose look in the list may be another now; undefined: anybody's. */
export type Touched = string | undefined

/** Registers that the list of conversations shows, by what their subject is. Others change nothing in it. */
const SHOWN: ReadonlySet<string> = new Set(['draft', 'pin', 'archived', 'notify', 'nickname'])

const touchedBy = (table: string, key: string, value: unknown): readonly Touched[] => {
  if (table === 'conversations' || table === 'profiles') return [key]
  if (table === 'rooms') return [(value as RoomRecord | undefined)?.conversation]
  if (table !== 'personal') return []
  const [kind = '', subject] = key.split('/', 2)
  if (SHOWN.has(kind)) return [subject]
  // Who is blocked says nothing more in any group.
  return kind === 'consent' ? [undefined] : []
}

/** The same store, which tells what a committed write may have changed in the list of conversations. */
export const tellingTouched = (store: Store, touched: Broadcast<readonly Touched[]>): Store => ({
  ...store,
  write: async (work) => {
    let all = new Set<Touched>()
    const note = (table: string, key: string, value?: unknown): void => {
      for (const each of touchedBy(table, key, value)) all.add(each)
    }
    const result = await store.write((tx) => {
      all = new Set()
      return work({
        ...tx,
        put: (table, row) => {
          note(table, row.key, row.value)
          tx.put(table, row)
        },
        delete: (table, key) => {
          note(table, key)
          tx.delete(table, key)
        },
      })
    })
    if (all.size > 0) touched.emit([...all])
    return result
  },
})
