import { afterAll, expect, test } from 'vitest'
import { deleteDatabase } from '../../../src/adapters/storage/dexie-database.ts'
import { dexieStorage } from '../../../src/dexie.ts'
import { storageConformance } from '../../../src/testing/storage-conformance.ts'

const names: string[] = []
const fresh = (): string => {
  const name = `conformance-${crypto.randomUUID()}`
  names.push(name)
  return name
}
const opened = new WeakMap<object, string>()

const open = async (name: string) => {
  const storage = await dexieStorage(name)
  opened.set(storage, name)
  return storage
}

afterAll(() => Promise.all(names.map((name) => deleteDatabase(name))))

storageConformance('dexie', {
  open: () => open(fresh()),
  reopen: (closed) => open(opened.get(closed) as string),
})

test('a hundred thousand rows are as easily paged as a few', async () => {
  const storage = await dexieStorage(fresh())
  const COUNT = 100_000
  const BATCH = 2_000
  for (let from = 0; from < COUNT; from += BATCH)
    await storage.write(async (tx) => {
      for (let position = from; position < from + BATCH; position++)
        tx.put('messages', { key: `m${position}`, scope: 'list', position, value: new Uint8Array(300) })
    })
  const newest = await storage.read((tx) => tx.page('messages', { scope: 'list', limit: 50, order: 'descending' }))
  expect(newest.map(({ position }) => position)).toEqual(Array.from({ length: 50 }, (_, i) => COUNT - 1 - i))
  const deep = await storage.read((tx) =>
    tx.page('messages', { scope: 'list', before: COUNT / 2, limit: 50, order: 'descending' }),
  )
  expect(deep.map(({ key }) => key)).toEqual(Array.from({ length: 50 }, (_, i) => `m${COUNT / 2 - 1 - i}`))
  await storage.close()
})
