import { expect, test } from 'vitest'
import { type Client, createClient, createIdentity, importBackup, relockStore } from '../../src/index.ts'

const PASSPHRASE = 'of the file'
const fresh = () => `backup-${crypto.randomUUID()}`
const made = (store: string) => createClient({ identity: createIdentity(), relays: ['ws://127.0.0.1:9'], store })

const exported = async (client: Client): Promise<Blob> => {
  const parts: Uint8Array[] = []
  for await (const part of client.backup.export({ passphrase: PASSPHRASE })) parts.push(part)
  return new Blob(parts as Uint8Array<ArrayBuffer>[])
}
/** As a page gets a file that somebody chose. */
const from = (file: Blob) => file.stream() as unknown as AsyncIterable<Uint8Array>

test('a backup goes through a Blob into another database, locked by a passphrase that can be changed while it is open', async () => {
  const client = await made(fresh())
  const file = await exported(client)
  await client.close()
  const store = fresh()
  const unlock = { passphrase: 'of the store' }
  const { address } = await importBackup({ source: from(file), passphrase: PASSPHRASE, store, unlock })
  expect(address).toBe(client.address)
  await expect(createClient({ store })).rejects.toMatchObject({ code: 'identity/locked' })
  const again = await createClient({ store, unlock })
  expect([again.address, again.device]).toEqual([client.address, client.device])
  const next = { passphrase: 'another one' }
  await expect(relockStore({ store, unlock: next, next: [next] })).rejects.toMatchObject({
    code: 'identity/wrong-passphrase',
  })
  await relockStore({ store, unlock, next: [next] })
  expect(await again.contacts.list()).toEqual([])
  await again.close()
  await expect(createClient({ store, unlock })).rejects.toMatchObject({ code: 'identity/wrong-passphrase' })
  await (await createClient({ store, unlock: next })).close()
})

test('a store that a client works with is not taken from it', async () => {
  const store = fresh()
  const client = await made(store)
  const file = await exported(client)
  const read = () => importBackup({ source: from(file), passphrase: PASSPHRASE, store })
  await expect(read()).rejects.toMatchObject({ code: 'storage/in-use' })
  expect(await client.contacts.list()).toEqual([])
  await client.close()
  await expect(read()).rejects.toMatchObject({ code: 'identity/exists' })
})

test('a tab that opens the store while a backup is read into it waits, and gets the whole one', async () => {
  const client = await made(fresh())
  // More than one part, so that the store is there before the last one came.
  const data = new Uint8Array(16_000)
  data.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  for (let i = 0; i < 5; i++)
    await client.groups.create({ name: `${i}`, picture: { mediaType: 'image/png', bytes: data } })
  const file = await exported(client)
  await client.close()
  const store = fresh()
  const bytes = new Uint8Array(await file.arrayBuffer())
  let opening: Promise<Client> | undefined
  const source = (async function* () {
    yield bytes.subarray(0, bytes.length - 1)
    while (opening === undefined) await new Promise((resolve) => setTimeout(resolve, 10))
    await Promise.race([opening, new Promise((resolve) => setTimeout(resolve, 300))])
    yield bytes.subarray(bytes.length - 1)
  })()
  const onProgress = () => {
    opening ??= createClient({ store })
  }
  await importBackup({ source, passphrase: PASSPHRASE, store, onProgress })
  const opened = await (opening as Promise<Client> | undefined)
  expect(opened?.address).toBe(client.address)
  expect((await opened?.conversations.list())?.items).toHaveLength(5)
  await opened?.close()
})
