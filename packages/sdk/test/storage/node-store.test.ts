import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { createClient, createIdentity } from '../../src/index.ts'
import { memoryStorage, openNodeStore, relockNodeStore, type Unlock } from '../../src/node.ts'
import { freshPath } from './temp.ts'

const passphrase: Unlock = { passphrase: 'correct horse battery staple' }

let dir: string
beforeEach(() => {
  dir = freshPath('profile')
})

const keep = async (text: string, unlock?: Unlock): Promise<void> => {
  const opened = await openNodeStore({ dir, create: true, ...(unlock && { unlock }) })
  await opened.store.write(async (tx) => tx.put('meta', { key: 'note', value: text }))
  await opened.close()
}

const kept = async (unlock?: Unlock): Promise<string | undefined> => {
  const opened = await openNodeStore({ dir, ...(unlock && { unlock }) })
  try {
    return await opened.store.read((tx) => tx.get<string>('meta', 'note'))
  } finally {
    await opened.close()
  }
}

describe('openNodeStore', () => {
  test('keeps records over a reopen, with a key file unless told otherwise', async () => {
    await keep('hello')
    expect(await kept()).toBe('hello')
    expect(existsSync(join(dir, 'store.key'))).toBe(true)
  })

  test('a passphrase opens it again, and neither another one nor none does', async () => {
    await keep('hello', passphrase)
    expect(existsSync(join(dir, 'store.key'))).toBe(false)
    await expect(kept({ passphrase: 'another one' })).rejects.toMatchObject({ code: 'identity/wrong-passphrase' })
    await expect(kept()).rejects.toMatchObject({ code: 'identity/locked' })
    // Each failure has freed the folder.
    expect(await kept(passphrase)).toBe('hello')
  })

  test('a folder without a store is identity/none, and looking leaves nothing behind', async () => {
    await expect(openNodeStore({ dir })).rejects.toMatchObject({ code: 'identity/none' })
    expect(existsSync(dir)).toBe(false)
  })

  test('a store that is open is in use, and its owner is named', async () => {
    const opened = await openNodeStore({ dir, create: true, owner: 'dchat listen' })
    await expect(openNodeStore({ dir })).rejects.toMatchObject({
      code: 'storage/in-use',
      details: { owner: `dchat listen (process ${process.pid})` },
    })
    await opened.close()
    await opened.close()
    await (await openNodeStore({ dir })).close()
  })

  test('rows whose keys are lost are not hidden under a new key', async () => {
    await keep('hello')
    rmSync(join(dir, 'store.keys'))
    await expect(openNodeStore({ dir, create: true })).rejects.toMatchObject({ code: 'storage/corrupt' })
    expect(existsSync(join(dir, 'store.keys'))).toBe(false)
  })

  test('nothing that was stored stands readable in any file, nor is any file open to others', async () => {
    const marker = 'a marker that nothing else contains'
    const opened = await openNodeStore({ dir, create: true })
    await opened.store.write(async (tx) =>
      tx.put('messages', { key: marker, scope: marker, position: 1, value: { text: marker } }),
    )
    const search = () => {
      for (const name of readdirSync(dir)) expect(readFileSync(join(dir, name)).includes(marker), name).toBe(false)
    }
    // While the row may still stand in the write-ahead log, and after it moved.
    expect(readdirSync(dir).some((name) => name.endsWith('-wal'))).toBe(true)
    search()
    if (process.platform !== 'win32') {
      expect(statSync(dir).mode & 0o777).toBe(0o700)
      for (const name of readdirSync(dir)) expect(statSync(join(dir, name)).mode & 0o777, name).toBe(0o600)
    }
    await opened.close()
    search()
  })

  test.skipIf(process.platform === 'win32')(
    'a database that was copied in readable by others is closed to them',
    async () => {
      await keep('hello')
      chmodSync(join(dir, 'dchat.db'), 0o644)
      expect(await kept()).toBe('hello')
      expect(statSync(join(dir, 'dchat.db')).mode & 0o777).toBe(0o600)
    },
  )
})

describe('relockNodeStore', () => {
  test('from a key file to a passphrase and back', async () => {
    await keep('hello')
    await relockNodeStore(dir, { keyFile: true }, [passphrase])
    expect(existsSync(join(dir, 'store.key'))).toBe(false)
    await expect(kept()).rejects.toMatchObject({ code: 'identity/locked' })
    expect(await kept(passphrase)).toBe('hello')
    await relockNodeStore(dir, passphrase, [{ keyFile: true }])
    expect(await kept()).toBe('hello')
  })

  test('a wrong passphrase changes nothing', async () => {
    await keep('hello', passphrase)
    const before = readFileSync(join(dir, 'store.keys'))
    const wrong = relockNodeStore(dir, { passphrase: 'another one' }, [{ keyFile: true }])
    await expect(wrong).rejects.toMatchObject({ code: 'identity/wrong-passphrase' })
    expect(readFileSync(join(dir, 'store.keys'))).toEqual(before)
  })

  test('does not touch a store that is open', async () => {
    const opened = await openNodeStore({ dir, create: true })
    const relocked = relockNodeStore(dir, { keyFile: true }, [passphrase])
    await expect(relocked).rejects.toMatchObject({ code: 'storage/in-use' })
    await opened.close()
  })
})

describe('createClient', () => {
  test('with a folder the identity is there after a restart, and the folder is free after close', async () => {
    const relays = ['ws://localhost:1']
    const client = await createClient({ store: dir, relays, identity: createIdentity() })
    const { address } = client
    await expect(createClient({ store: dir })).rejects.toMatchObject({ code: 'storage/in-use' })
    await client.close()
    const again = await createClient({ store: dir })
    expect(again.address).toBe(address)
    await again.close()
  })

  test('a client that cannot open frees its folder', async () => {
    await keep('no identity')
    await expect(createClient({ store: dir })).rejects.toMatchObject({ code: 'identity/none' })
    expect(await kept()).toBe('no identity')
  })

  test('a folder and a storage exclude each other', async () => {
    const both = createClient({ store: dir, storage: memoryStorage() })
    await expect(both).rejects.toMatchObject({ code: 'usage/invalid-argument' })
  })
})
