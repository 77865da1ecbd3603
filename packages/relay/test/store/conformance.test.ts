import { cp } from 'node:fs/promises'
import type { Store } from '../../src/index.ts'
import { memoryStore, sqliteStore } from '../../src/index.ts'
import { type MemoryData, memoryData } from '../../src/store/memory.ts'
import { relayStoreConformance } from '../../src/testing.ts'
import { tempDir } from '../support/temp.ts'

const held = new WeakMap<Store, MemoryData>()
const memory = (data: MemoryData): Store => {
  const store = memoryStore(data)
  held.set(store, data)
  return store
}

relayStoreConformance('memory', {
  open: async () => memory(memoryData()),
  reopen: async (store) => {
    await store.close()
    return memory(held.get(store) as MemoryData)
  },
})

const places = new WeakMap<Store, string>()
const sqlite = (directory: string): Store => {
  const store = sqliteStore(directory)
  places.set(store, directory)
  return store
}

relayStoreConformance('sqlite', {
  open: async () => sqlite(await tempDir()),
  reopen: async (store) => {
    await store.close()
    return sqlite(places.get(store) as string)
  },
  // The files as a crash leaves them: database and write-ahead log of a handle that was never closed.
  crash: async (store) => {
    const copy = await tempDir()
    await cp(places.get(store) as string, copy, { recursive: true })
    return sqlite(copy)
  },
})
