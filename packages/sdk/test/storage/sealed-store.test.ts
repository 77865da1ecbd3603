import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { type MemoryBacking, memoryStorage } from '../../src/adapters/storage/memory.ts'
import { sqliteStorage } from '../../src/adapters/storage/sqlite.ts'
import { sealedStore } from '../../src/domain/store/sealed-store.ts'
import type { Store } from '../../src/domain/store/store.ts'
import { isDchatError } from '../../src/errors.ts'
import type { Reader, Row, Storage } from '../../src/ports/storage.ts'
import { freshPath } from './temp.ts'

const KEY = new Uint8Array(32).fill(9)
const random = (length: number) => new Uint8Array(randomBytes(length))
const corrupt = (error: unknown) => isDchatError(error, 'storage/corrupt')

let backing: MemoryBacking
let storage: Storage
let store: Store
beforeEach(() => {
  backing = { tables: new Map() }
  storage = memoryStorage(backing)
  store = sealedStore(storage, KEY, random)
})

const put = (key: string, value: unknown, place: { scope: string; position: number } | object = {}) =>
  store.write(async (tx) => tx.put('messages', { key, value, ...place }))
const get = (key: string) => store.read((tx) => tx.get('messages', key))
const page = () => store.read((tx) => tx.page('messages', { scope: 'chat', limit: 10 }))

/** Storage that only remembers what it was asked for. */
const spyOn = async (ask: (store: Store) => Promise<unknown>): Promise<string> => {
  let asked = ''
  const note = (name: string) => {
    asked = name
  }
  const tx: Reader = {
    get: async (_, key) => {
      note(key)
      return undefined
    },
    page: async (_, { scope }) => {
      note(scope)
      return []
    },
    scan: async () => [],
  }
  await ask(sealedStore({ ...storage, read: (work) => work(tx) }, KEY, random))
  return asked
}

/** The rows as the adapter holds them, in the order of their places. */
const rawRows = async (): Promise<readonly Row[]> => {
  const scope = await spyOn((spy) => spy.read((tx) => tx.page('messages', { scope: 'chat', limit: 1 })))
  return storage.read((tx) => tx.page('messages', { scope, limit: 100 }))
}
const plant = (...rows: readonly Row[]) =>
  storage.write(async (tx) => {
    for (const row of rows) tx.put('messages', row)
  })

describe('records', () => {
  test('come back as they were, whatever plain data they are', async () => {
    const text = fc.string({ unit: 'grapheme' })
    const leaf = fc.oneof(text, fc.maxSafeInteger(), fc.boolean(), fc.constant(null), fc.uint8Array())
    const name = text.filter((key) => key !== '__proto__')
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(name, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
      ),
    }))
    await fc.assert(
      fc.asyncProperty(tree, async (value) => {
        await put('a', value)
        expect(await get('a')).toEqual(value)
      }),
      { numRuns: 200 },
    )
  })

  test('fields that are undefined are left out', async () => {
    await put('a', { kept: 1, gone: undefined })
    expect(await get('a')).toEqual({ kept: 1 })
  })

  test('a number that could not be read again is refused when it is written', async () => {
    for (const value of [0.5, Number.NaN, { deep: [2 ** 60] }])
      await expect(put('a', value)).rejects.toSatisfy((error) => isDchatError(error, 'usage/invalid-argument'))
    expect(await get('a')).toBeUndefined()
  })

  test('pages give the clear keys in the order of the places', async () => {
    for (const position of [3, 1, 2]) await put(`key ${position}`, { position }, { scope: 'chat', position })
    expect(await page()).toEqual(
      [1, 2, 3].map((position) => ({ key: `key ${position}`, position, value: { position } })),
    )
  })

  test('an update is seen in the write that makes it, and a delete removes it', async () => {
    await store.write(async (tx) => {
      tx.put('messages', { key: 'a', value: 1 })
      expect(await tx.get('messages', 'a')).toBe(1)
    })
    await store.write(async (tx) => tx.delete('messages', 'a'))
    expect(await get('a')).toBeUndefined()
  })
})

describe('what the adapter sees', () => {
  test('the same value never seals to the same bytes, and keys and lists are blinded', async () => {
    await put('alice', 'same', { scope: 'chat', position: 1 })
    await put('bob', 'same', { scope: 'chat', position: 2 })
    const [one, two] = (await rawRows()) as [Row, Row]
    expect(one.value).not.toEqual(two.value)
    for (const { key, scope } of [one, two]) {
      expect(key).toMatch(/^[0-9a-f]{32}$/)
      expect(scope).toMatch(/^[0-9a-f]{32}$/)
    }
  })

  test('no marker stands in the database or its WAL', async () => {
    const marker = 'MARKER-e1c3a9'
    const file = freshPath('dchat.db')
    const disk = sqliteStorage(file)
    const sealed = sealedStore(disk, KEY, random)
    const grep = () =>
      readdirSync(dirname(file)).filter((name) => readFileSync(join(dirname(file), name)).includes(marker))
    await sealed.write(async (tx) =>
      tx.put('messages', { key: `${marker} key`, scope: `${marker} scope`, position: 1, value: { text: marker } }),
    )
    expect(grep()).toEqual([])
    expect(await sealed.read((tx) => tx.get('messages', `${marker} key`))).toEqual({ text: marker })
    // The search itself finds what is there.
    await disk.write(async (tx) => tx.put('messages', { key: 'clear', value: new TextEncoder().encode(marker) }))
    expect(grep()).not.toEqual([])
    await disk.close()
  })
})

describe('a row that was tampered with is storage/corrupt', () => {
  beforeEach(async () => {
    await put('a', { text: 'first' }, { scope: 'chat', position: 1 })
    await put('b', { text: 'second' }, { scope: 'chat', position: 2 })
  })

  test('any bit of it', async () => {
    const [row] = (await rawRows()) as [Row]
    for (let at = 0; at < row.value.length; at++) {
      const value = row.value.slice()
      value[at] = (value[at] as number) ^ (1 << (at % 8))
      await plant({ ...row, value })
      await expect(get('a')).rejects.toSatisfy(corrupt)
    }
    for (const length of [0, 10, 24, 39]) {
      await plant({ ...row, value: row.value.slice(0, length) })
      await expect(get('a')).rejects.toSatisfy(corrupt)
    }
  })

  test('two values exchanged', async () => {
    const [one, two] = (await rawRows()) as [Row, Row]
    await plant({ ...one, value: two.value }, { ...two, value: one.value })
    await expect(get('a')).rejects.toSatisfy(corrupt)
    await expect(page()).rejects.toSatisfy(corrupt)
  })

  test('two places exchanged', async () => {
    const [one, two] = (await rawRows()) as [Row, Row]
    await plant({ ...one, position: 2 }, { ...two, position: 1 })
    await expect(page()).rejects.toSatisfy(corrupt)
  })

  test('a row taken out of its list', async () => {
    const [one] = (await rawRows()) as [Row]
    await plant({ key: one.key, value: one.value })
    await expect(get('a')).rejects.toSatisfy(corrupt)
  })

  test('a row in another table', async () => {
    const [one] = (await rawRows()) as [Row]
    const key = await spyOn((spy) => spy.read((tx) => tx.get('outbox', 'a')))
    await storage.write(async (tx) => tx.put('outbox', { ...one, key }))
    await expect(store.read((tx) => tx.get('outbox', 'a'))).rejects.toSatisfy(corrupt)
  })
})

test('another store key finds nothing: not even which keys there are', async () => {
  await put('a', 1)
  const other = sealedStore(storage, new Uint8Array(32).fill(8), random)
  expect(await other.read((tx) => tx.get('messages', 'a'))).toBeUndefined()
})
