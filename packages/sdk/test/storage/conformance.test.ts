import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { memoryStorage } from '../../src/adapters/storage/memory.ts'
import { sqliteStorage } from '../../src/adapters/storage/sqlite.ts'
import type { Storage } from '../../src/ports/storage.ts'
import { type StorageWorld, storageConformance } from '../../src/testing/storage-conformance.ts'

const root = mkdtempSync(join(tmpdir(), 'dchat-storage-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Remembers what each storage was opened over. */
const world = <Place>(fresh: () => Place, over: (place: Place) => Storage): StorageWorld => {
  const places = new Map<Storage, Place>()
  const open = (place: Place) => {
    const storage = over(place)
    places.set(storage, place)
    return storage
  }
  return { open: async () => open(fresh()), reopen: async (closed) => open(places.get(closed) as Place) }
}

let count = 0
storageConformance(
  'memory',
  world(() => ({ tables: new Map() }), memoryStorage),
)
storageConformance(
  'sqlite',
  world(
    () => join(root, `${count++}`, 'dchat.db'),
    (file) => sqliteStorage(file),
  ),
)
