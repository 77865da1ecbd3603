import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { cdp } from 'vitest/browser'
import { deleteDatabase, openDatabase } from '../../../src/adapters/storage/dexie-database.ts'
import { dexieStorage } from '../../../src/dexie.ts'
import { isDchatError } from '../../../src/errors.ts'

/** The little of Chromium's own protocol that is used. */
const browser = cdp() as unknown as { send(method: string, options: object): Promise<unknown> }
const { origin } = (globalThis as unknown as { location: { origin: string } }).location

let name: string
beforeEach(() => {
  name = `refusals-${crypto.randomUUID()}`
})
afterEach(async () => {
  vi.unstubAllGlobals()
  await browser.send('Storage.overrideQuotaForOrigin', { origin })
  await deleteDatabase(name)
})

const bytes = (length: number) => crypto.getRandomValues(new Uint8Array(length))

test('a full disk is storage/full, nothing is changed, and it goes on when there is room', async () => {
  // Chromium remembers for a while how much room there was, so nothing may be open or counted when it changes.
  await browser.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
  await browser.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 4_000_000 })
  const storage = await dexieStorage(name)
  await storage.write(async (tx) => tx.put('messages', { key: 'kept', value: Uint8Array.of(1) }))
  const large = storage.write(async (tx) => {
    tx.delete('messages', 'kept')
    for (let i = 0; i < 100; i++) tx.put('messages', { key: `m${i}`, value: bytes(60_000) })
  })
  await expect(large).rejects.toMatchObject({ code: 'storage/full', details: { store: name } })
  expect(await storage.read((tx) => tx.get('messages', 'kept'))).toBeDefined()
  expect(await storage.read((tx) => tx.get('messages', 'm0'))).toBeUndefined()
  await browser.send('Storage.overrideQuotaForOrigin', { origin })
  await storage.close()
  const again = await dexieStorage(name)
  await again.write(async (tx) => tx.put('messages', { key: 'm0', value: bytes(60_000) }))
  await again.close()
})

test('site data that is cleared while the store is open ends it, and says so at once', async () => {
  const database = await openDatabase(name, { create: true })
  const { storage } = (await database?.claim()) ?? {}
  await storage?.write(async (tx) => tx.put('messages', { key: 'm', value: Uint8Array.of(1) }))
  const told = new Promise<unknown>((resolve) =>
    database?.lost.addEventListener('abort', () => resolve(database.lost.reason)),
  )
  await browser.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
  expect(await told).toMatchObject({ code: 'storage/unavailable' })
  const write = storage?.write(async (tx) => tx.put('messages', { key: 'm', value: Uint8Array.of(2) }))
  await expect(write).rejects.toMatchObject({ code: 'storage/unavailable' })
  await storage?.close()
  expect(await openDatabase(name, { create: false })).toBeUndefined()
})

describe('a page that may not store anything', () => {
  const failing = (error: string) => ({
    open: () => {
      const request = { error: new DOMException('refused', error), onerror: (_: object) => undefined }
      queueMicrotask(() => request.onerror({ preventDefault: () => undefined }))
      return request
    },
  })
  const throwing = {
    open: () => {
      throw new DOMException('refused', 'SecurityError')
    },
  }

  test.each([
    ['without IndexedDB', undefined, /has no IndexedDB/],
    ['in a private window', failing('InvalidStateError'), /private windows/],
    ['by its settings', throwing, /does not let this page store/],
    ['because its own files are broken', failing('UnknownError'), /failed to read or write/],
  ])('%s gets storage/unavailable with a reason', async (_, factory, reason) => {
    vi.stubGlobal('indexedDB', factory)
    const error: unknown = await dexieStorage(name).catch((thrown: unknown) => thrown)
    if (!isDchatError(error, 'storage/unavailable')) throw error
    expect(error.details.reason).toMatch(reason)
    expect(error.hint).toMatch(/Allow this site to store data/)
  })

  test('where even asking is forbidden, too', async () => {
    const own = Object.getOwnPropertyDescriptor(globalThis, 'indexedDB')
    Object.defineProperty(globalThis, 'indexedDB', {
      configurable: true,
      get: () => {
        throw new DOMException('refused', 'SecurityError')
      },
    })
    try {
      await expect(dexieStorage(name)).rejects.toMatchObject({ code: 'storage/unavailable' })
    } finally {
      if (own) Object.defineProperty(globalThis, 'indexedDB', own)
      else Reflect.deleteProperty(globalThis, 'indexedDB')
    }
  })
})
