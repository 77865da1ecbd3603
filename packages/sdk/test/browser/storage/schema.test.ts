import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deleteDatabase, openDatabase } from '../../../src/adapters/storage/dexie-database.ts'
import { SCHEMA, type SchemaStep, storesAfter } from '../../../src/adapters/storage/dexie-schema.ts'
import { dexieStorage } from '../../../src/dexie.ts'
import { TABLES } from '../../../src/ports/storage.ts'
import { connect, contentOf } from './raw.ts'

let name: string
beforeEach(() => {
  name = `schema-${crypto.randomUUID()}`
})
afterEach(() => deleteDatabase(name))

const value = Uint8Array.of(1, 2, 3)

/** A layout that was never shipped: messages stand in a store of another name, without places. */
const OLDER: SchemaStep = {
  stores: { ...Object.fromEntries(storesAfter(SCHEMA).map((store) => [store, null])), letters: 'id', fence: 'name' },
}
/** What a program of tomorrow has. */
const NEWER: readonly SchemaStep[] = [...SCHEMA, { stores: { later: 'key' } }]
const NEXT: SchemaStep = {
  stores: { ...Object.assign({}, ...SCHEMA.map(({ stores }) => stores)), letters: null },
  upgrade: async (tx) => {
    const letters = await tx.table<{ id: number; bytes: Uint8Array }>('letters').toArray()
    await tx
      .table('messages')
      .bulkPut(letters.map(({ id, bytes }) => ({ key: `m${id}`, scope: 'list', position: id, value: bytes })))
  },
}
const FAILING: SchemaStep = {
  ...NEXT,
  upgrade: async (tx) => {
    await tx.table('messages').put({ key: 'half', value })
    throw new Error('on purpose')
  },
}

const older = async (): Promise<void> => {
  const db = await connect(name, 10, (made) => {
    made.createObjectStore('fence', { keyPath: 'name' })
    const letters = made.createObjectStore('letters', { keyPath: 'id' })
    for (let id = 1; id <= 100; id++) letters.put({ id, bytes: value })
  })
  db.close()
}

describe('versions', () => {
  test('every table has its object store', () => {
    expect(storesAfter(SCHEMA)).toEqual(expect.arrayContaining([...TABLES]))
  })

  test('a database of an older version is brought forward with its rows', async () => {
    await older()
    const database = await openDatabase(name, { create: false, schema: [OLDER, NEXT] })
    const { storage } = (await database?.claim()) ?? {}
    const rows = await storage?.read((tx) => tx.page('messages', { scope: 'list', after: 98, limit: 9 }))
    expect(rows).toEqual([99, 100].map((id) => ({ key: `m${id}`, scope: 'list', position: id, value })))
    await storage?.close()
    const { version, rows: stores } = await contentOf(name)
    expect(version).toBe(20)
    expect([...stores.keys()]).not.toContain('letters')
    const again = await openDatabase(name, { create: false, schema: [OLDER, NEXT] })
    expect(await again?.rows()).toEqual({ some: true, ever: false })
    again?.close()
  })

  test('a step that fails leaves the older version whole', async () => {
    await older()
    const before = await contentOf(name)
    const failing = openDatabase(name, { create: false, schema: [OLDER, FAILING] })
    await expect(failing).rejects.toMatchObject({ code: 'storage/unavailable' })
    expect(await contentOf(name)).toEqual(before)
  })

  test('a database of a newer version is refused and stays as it was', async () => {
    const database = await openDatabase(name, { create: true, schema: NEWER })
    const { storage } = (await database?.claim()) ?? {}
    await storage?.write(async (tx) => tx.put('messages', { key: 'm', value }))
    await storage?.close()
    const before = await contentOf(name)
    const details = { found: NEWER.length, supported: SCHEMA.length }
    await expect(dexieStorage(name)).rejects.toMatchObject({ code: 'storage/newer-schema', details })
    expect(await contentOf(name)).toEqual(before)
  })

  test('a database of another program is refused and stays as it was', async () => {
    const db = await connect(name, 10, (made) => made.createObjectStore('letters', { keyPath: 'id' }).put({ id: 1 }))
    db.close()
    await expect(dexieStorage(name)).rejects.toMatchObject({ code: 'storage/corrupt' })
    const { version, rows } = await contentOf(name)
    expect({ version, rows }).toEqual({ version: 10, rows: new Map([['letters', [{ id: 1 }]]]) })
  })

  test('a newer program may take over while this one runs; it then rejects everything', async () => {
    const database = await openDatabase(name, { create: true })
    const { storage } = (await database?.claim()) ?? {}
    await storage?.write(async (tx) => tx.put('messages', { key: 'm', value }))
    const newer = await openDatabase(name, { create: false, schema: NEWER })
    const reading = storage?.read((tx) => tx.get('messages', 'm'))
    await expect(reading).rejects.toMatchObject({ code: 'storage/unavailable' })
    expect(database?.lost.aborted).toBe(true)
    await storage?.close()
    newer?.close()
  })

  test('who holds the database and does not let go is waited for, but not for ever', async () => {
    const stubborn = await connect(name, SCHEMA.length * 10, (made) => {
      for (const store of storesAfter(SCHEMA)) made.createObjectStore(store, { keyPath: 'name' })
    })
    const patience = 50
    const upgrading = openDatabase(name, { create: true, schema: NEWER, patience })
    await expect(upgrading).rejects.toMatchObject({ code: 'storage/unavailable' })
    await expect(deleteDatabase(name, patience)).rejects.toMatchObject({ code: 'storage/unavailable' })
    stubborn.close()
  })
})
