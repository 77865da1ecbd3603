import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { deleteDatabase } from '../../../src/adapters/storage/dexie-database.ts'
import { dexieStorage, type Storage } from '../../../src/dexie.ts'
import { edit } from './raw.ts'

let name: string
const opened: Storage[] = []
beforeEach(() => {
  name = `owner-${crypto.randomUUID()}`
})
afterEach(async () => {
  for (const storage of opened.splice(0)) await storage.close()
  await deleteDatabase(name)
})

const open = async (): Promise<Storage> => {
  const storage = await dexieStorage(name)
  opened.push(storage)
  return storage
}
const put = (storage: Storage, key: string) =>
  storage.write(async (tx) => tx.put('messages', { key, value: Uint8Array.of(1) }))
const get = (storage: Storage, key: string) => storage.read((tx) => tx.get('messages', key))

const IN_USE = { code: 'storage/in-use' }

describe('the fence', () => {
  test('who was there before writes nothing and reads nothing any more', async () => {
    const first = await open()
    await put(first, 'a')
    const second = await open()
    await expect(put(first, 'b')).rejects.toMatchObject({
      ...IN_USE,
      details: { store: name, owner: 'another tab or worker of this site' },
    })
    await expect(get(first, 'a')).rejects.toMatchObject(IN_USE)
    expect(await get(second, 'b')).toBeUndefined()
    await put(second, 'c')
    expect(await get(second, 'a')).toBeDefined()
  })

  test('a write that was under way when another one took over leaves no trace', async () => {
    const first = await open()
    let second: Storage | undefined
    const late = first.write(async (tx) => {
      await tx.get('messages', 'a')
      second = await open()
      tx.put('messages', { key: 'late', value: Uint8Array.of(1) })
    })
    await expect(late).rejects.toMatchObject(IN_USE)
    expect(await get(second as Storage, 'late')).toBeUndefined()
  })

  test('a read that was under way never mixes in what the new owner wrote', async () => {
    const first = await open()
    await put(first, 'a')
    const reading = first.read(async (tx) => {
      await tx.get('messages', 'a')
      await put(await open(), 'b')
      return tx.get('messages', 'b')
    })
    await expect(reading).rejects.toMatchObject(IN_USE)
  })

  test('a database that was deleted and made again is another one', async () => {
    const first = await open()
    await deleteDatabase(name)
    const second = await open()
    await expect(put(first, 'a')).rejects.toMatchObject({ code: 'storage/unavailable' })
    await put(second, 'a')
  })
})

test('an emptied database in the place of the own one is no place to go on', async () => {
  const storage = await open()
  await put(storage, 'a')
  await edit(name, ['fence', 'messages'], (store) => store.clear())
  await expect(put(storage, 'b')).rejects.toMatchObject({
    code: 'storage/unavailable',
    details: { store: name, reason: 'the browser deleted it' },
  })
})

describe('the browser', () => {
  /** What it tells a page that goes to sleep, and may be woken: every connection is closed then. */
  const sleepAndWake = () => {
    for (const type of ['pagehide', 'pageshow'])
      (globalThis as unknown as EventTarget).dispatchEvent(Object.assign(new Event(type), { persisted: true }))
  }

  test('may close the connection of a page that sleeps; it goes on when it wakes', async () => {
    const storage = await open()
    await put(storage, 'a')
    sleepAndWake()
    expect(await get(storage, 'a')).toBeDefined()
    sleepAndWake()
    await put(storage, 'b')
    expect(await get(storage, 'b')).toBeDefined()
  })

  test('who was replaced while asleep finds out when it wakes', async () => {
    const first = await open()
    sleepAndWake()
    const second = await open()
    await expect(put(first, 'a')).rejects.toMatchObject(IN_USE)
    await put(second, 'b')
  })

  test('whose store was deleted while asleep finds out, and does not make it anew', async () => {
    const storage = await open()
    sleepAndWake()
    await deleteDatabase(name)
    await expect(put(storage, 'a')).rejects.toMatchObject({
      code: 'storage/unavailable',
      details: { store: name, reason: 'the browser deleted it' },
    })
    await expect(get(storage, 'a')).rejects.toMatchObject({ code: 'storage/unavailable' })
  })
})

test('work may wait for something else than the transaction: it sees and writes the same', async () => {
  const storage = await open()
  await put(storage, 'a')
  const elsewhere = () => new Promise((resolve) => setTimeout(resolve, 20))
  await storage.write(async (tx) => {
    expect(await tx.get('messages', 'a')).toBeDefined()
    await elsewhere()
    expect(await tx.get('messages', 'a')).toBeDefined()
    tx.put('messages', { key: 'b', value: Uint8Array.of(1) })
    await elsewhere()
    await Promise.all(['a', 'b', 'c'].map((key) => tx.get('messages', key)))
  })
  expect(await get(storage, 'b')).toBeDefined()
})
