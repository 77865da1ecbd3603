import type { Store } from '../../domain/store/store.ts'

/**
 * The same store, which tells the keys that a committed write deleted from the table `search`, before the write resolves.
 */
export const tellingForgotten = (store: Store, tell: (keys: readonly string[]) => void): Store => ({
  ...store,
  write: async (work) => {
    let gone: string[] = []
    const result = await store.write((tx) => {
      gone = []
      return work({
        ...tx,
        delete: (table, key) => {
          if (table === 'search') gone.push(key)
          tx.delete(table, key)
        },
      })
    })
    if (gone.length > 0) tell(gone)
    return result
  },
})
