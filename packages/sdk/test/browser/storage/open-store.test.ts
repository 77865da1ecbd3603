import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../../src/adapters/storage/dexie-database.ts'
import { deleteBrowserStore, openBrowserStore, relockBrowserStore } from '../../../src/browser.ts'
import { createClient, createIdentity, type Unlock } from '../../../src/index.ts'
import { admitToBrowserStore, type BrowserStore } from '../../../src/platform/browser/open-store.ts'
import { contentOf, destroy, edit, indexedDB, localStorage } from './raw.ts'

const passphrase: Unlock = { passphrase: 'correct horse battery staple' }

let name: string
const opened: BrowserStore[] = []

beforeEach(() => {
  name = `store-${crypto.randomUUID()}`
})
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
  await deleteBrowserStore(name)
})

const open = async (options: { create?: boolean; unlock?: Unlock } = {}): Promise<BrowserStore> => {
  const store = await openBrowserStore({ name, ...options })
  opened.push(store)
  return store
}

const keep = async (text: string, unlock?: Unlock): Promise<void> => {
  const { store, close } = await open({ create: true, ...(unlock && { unlock }) })
  await store.write(async (tx) => tx.put('meta', { key: 'note', value: text }))
  await close()
}

const kept = async (unlock?: Unlock): Promise<string | undefined> => {
  const { store, close } = await open(unlock && { unlock })
  const text = await store.read((tx) => tx.get<string>('meta', 'note'))
  await close()
  return text
}

describe('openBrowserStore', () => {
  test('keeps records over a reopen', async () => {
    await keep('hello')
    expect(await kept()).toBe('hello')
    expect(await kept({ keyFile: true })).toBe('hello')
  })

  test('a passphrase opens it again, and neither another one nor none does', async () => {
    await keep('hello', passphrase)
    await expect(kept({ passphrase: 'another one' })).rejects.toMatchObject({ code: 'identity/wrong-passphrase' })
    await expect(kept()).rejects.toMatchObject({ code: 'identity/locked' })
    expect(await kept(passphrase)).toBe('hello')
  })

  test('a store that was never made is identity/none, and looking leaves nothing behind', async () => {
    await expect(open()).rejects.toMatchObject({ code: 'identity/none' })
    expect((await indexedDB.databases()).map((found) => found.name)).not.toContain(name)
  })

  test('nothing that was stored stands readable in the database, and the key has no bytes to read', async () => {
    const marker = 'a marker that nothing else contains'
    const { store, close } = await open({ create: true })
    await store.write(async (tx) =>
      tx.put('messages', { key: marker, scope: marker, position: 1, value: { text: marker } }),
    )
    await close()
    const { rows: content } = await contentOf(name)
    const printed = (value: unknown): string =>
      value instanceof Uint8Array ? String.fromCharCode(...value) : JSON.stringify(value)
    for (const [table, rows] of content)
      for (const row of rows)
        for (const [field, value] of Object.entries(row))
          expect(printed(value), `${table}.${field}`).not.toContain(marker)
    const key = content.get('secrets')?.[0]?.key as Parameters<typeof crypto.subtle.exportKey>[1]
    expect(key.extractable).toBe(false)
    await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow()
  })

  test('who opens it later has it; who does not know the passphrase disturbs nobody', async () => {
    const first = await open({ create: true, unlock: passphrase })
    await expect(open({ unlock: { passphrase: 'wrong' } })).rejects.toMatchObject({ code: 'identity/wrong-passphrase' })
    await admitToBrowserStore({ name, unlock: passphrase })
    await first.store.write(async (tx) => tx.put('meta', { key: 'note', value: 'first' }))
    const second = await open({ unlock: passphrase })
    const late = first.store.write(async (tx) => tx.put('meta', { key: 'note', value: 'late' }))
    await expect(late).rejects.toMatchObject({ code: 'storage/in-use' })
    expect(first.lost.reason).toMatchObject({ code: 'storage/in-use' })
    expect(second.lost.aborted).toBe(false)
    expect(await second.store.read((tx) => tx.get('meta', 'note'))).toBe('first')
  })

  test('two that make one store at the same time get one key between them', async () => {
    const both = await Promise.allSettled([open({ create: true }), open({ create: true })])
    const made = both.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    expect(made.length).toBeGreaterThan(0)
    const writes = await Promise.allSettled(
      made.map(({ store }) => store.write(async (tx) => tx.put('meta', { key: 'note', value: 'hello' }))),
    )
    expect(writes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const store of opened.splice(0)) await store.close()
    expect(await kept()).toBe('hello')
  })
})

describe('relockBrowserStore', () => {
  test('changes what opens the store, also under whoever has it open', async () => {
    await keep('hello')
    const running = await open()
    await relockBrowserStore(name, { keyFile: true }, [passphrase])
    expect(await running.store.read((tx) => tx.get('meta', 'note'))).toBe('hello')
    await running.close()
    await expect(kept()).rejects.toMatchObject({ code: 'identity/locked' })
    expect(await kept(passphrase)).toBe('hello')
    await relockBrowserStore(name, passphrase, [{ keyFile: true }])
    expect(await kept()).toBe('hello')
  })

  test('needs a store and the way into it', async () => {
    await expect(relockBrowserStore(name, passphrase, [passphrase])).rejects.toMatchObject({ code: 'identity/none' })
    await keep('hello', passphrase)
    const wrong = relockBrowserStore(name, { passphrase: 'wrong' }, [passphrase])
    await expect(wrong).rejects.toMatchObject({ code: 'identity/wrong-passphrase' })
  })
})

describe('what the browser throws away', () => {
  test('a store that is gone is told from one that was never made', async () => {
    await keep('hello')
    await destroy(name)
    await expect(open()).rejects.toMatchObject({ code: 'storage/evicted' })
    await expect(relockBrowserStore(name, passphrase, [passphrase])).rejects.toMatchObject({ code: 'storage/evicted' })
    const again = await open({ create: true })
    expect(again.evicted).toBe(true)
    expect(await again.store.read((tx) => tx.get('meta', 'note'))).toBeUndefined()
    await again.close()
    expect((await open()).evicted).toBe(false)
  })

  test('a store that was deleted on purpose was never made', async () => {
    await keep('hello')
    await deleteBrowserStore(name)
    await deleteBrowserStore(name)
    await expect(open()).rejects.toMatchObject({ code: 'identity/none' })
  })

  test('without a place to remember it, a store opens all the same', async () => {
    await keep('hello')
    localStorage.removeItem(`dchat-store/${name}`)
    expect(await kept()).toBe('hello')
    await destroy(name)
    await expect(open()).rejects.toMatchObject({ code: 'storage/evicted' })
  })

  test.each([
    ['rows whose keys are lost', ['files']],
    ['keys whose rows are lost', ['meta']],
    ['rows whose key of the browser is lost', ['secrets']],
  ])('%s are damage, never hidden under a new key', async (_, stores) => {
    await keep('hello')
    await edit(name, stores, (store) => store.clear())
    await expect(open({ create: true })).rejects.toMatchObject({ code: 'storage/corrupt' })
    await expect(admitToBrowserStore({ name })).rejects.toMatchObject({ code: 'storage/corrupt' })
  })

  test('a database that is deleted while it is open rejects everything afterwards, and says so', async () => {
    const { store, lost } = await open({ create: true })
    await store.write(async (tx) => tx.put('meta', { key: 'note', value: 'hello' }))
    const told = new Promise<void>((resolve) => lost.addEventListener('abort', () => resolve()))
    await destroy(name)
    await told
    expect(lost.reason).toMatchObject({ code: 'storage/unavailable', details: { reason: 'it was deleted' } })
    await expect(store.read((tx) => tx.get('meta', 'note'))).rejects.toMatchObject({ code: 'storage/unavailable' })
    const write = store.write(async (tx) => tx.put('meta', { key: 'note', value: 'again' }))
    await expect(write).rejects.toMatchObject({ code: 'storage/unavailable' })
    expect(await openDatabase(name, { create: false })).toBeUndefined()
  })
})

test('createClient keeps an identity in a database of its own name', async () => {
  const identity = await createIdentity()
  name = identity.address
  const relays = ['ws://127.0.0.1:1']
  const first = await createClient({ identity, relays })
  expect(first.address).toBe(identity.address)
  await first.close()
  const again = await createClient({ store: name })
  expect(again.address).toBe(identity.address)
  await again.close()
})
