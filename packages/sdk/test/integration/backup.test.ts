import { expect, test } from 'vitest'
import { host } from '#host'
import { type Client, createClient, importBackup, type Message, verifyBackup } from '../../src/index.ts'
import { concat } from '../../src/util/bytes.ts'
import { type Person, person, testRelay } from './support.ts'

const PASSPHRASE = 'a long passphrase'
const WAIT = { wait: 'sent', timeout: 90_000 } as const

const exported = async (client: Client): Promise<Uint8Array[]> => {
  const parts: Uint8Array[] = []
  for await (const part of client.backup.export({ passphrase: PASSPHRASE })) parts.push(part)
  return parts
}

async function* from(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts
}

/** What was said in the first conversation, in its order. */
const said = async (client: Client): Promise<Message[]> => {
  const [conversation] = (await client.conversations.list()).items
  if (conversation === undefined) return []
  const { items } = await client.messages.list(conversation.id, { limit: 500 })
  return items.filter(({ content }) => content.type === 'text').reverse()
}
const texts = async (client: Client) =>
  (await said(client)).map(({ content }) => (content.type === 'text' ? content.text : '?'))

/** A new store from a backup, opened. */
const restoredFrom = async (backup: readonly Uint8Array[]): Promise<Person> => {
  const place = await host.place()
  await importBackup({ ...place, source: from(backup), passphrase: PASSPHRASE })
  return { client: await createClient({ ...place, strangers: 'allow' }), place, phrase: '' }
}

test('ten messages after a backup are not lost with the store, and what was queued goes out once', async () => {
  await using relay = await testRelay()
  const [alice, bob] = [await person(relay), await person(relay)]
  await using a = alice.client
  await a.connect()
  await bob.client.connect()
  const toBob = await a.conversations.dm(bob.client.address)
  await toBob.send('before', { ...WAIT, wait: 'delivered' })
  const toAlice = await bob.client.conversations.dm(a.address)
  // One that went out, one that has to wait until later: the backup holds both as it saw them.
  await toAlice.send('mine, before', WAIT)
  const backup = await exported(bob.client)
  for (let i = 0; i < 5; i++) {
    await toBob.send(`hers ${i}`, WAIT)
    await toAlice.send(`mine ${i}`, WAIT)
  }
  await bob.client.sync()
  const before = await texts(bob.client)
  expect(before).toHaveLength(12)
  await bob.client.close()

  const { createdAt, rows } = await verifyBackup({ source: from(backup), passphrase: PASSPHRASE })
  expect(Math.abs(createdAt - Date.now())).toBeLessThan(120_000)
  expect(rows).toBeGreaterThan(10)
  const restored = await restoredFrom(backup)
  await using again = restored.client
  expect(await texts(again)).toEqual(['before', 'mine, before'])
  const queued = await (await again.conversations.dm(a.address)).send('after the restore')
  await again.connect()
  await again.messages.waitFor(queued.id, 'sent', { timeout: 90_000 })
  expect(await texts(again)).toEqual([...before, 'after the restore'])
  await toBob.send('good to see you', WAIT)
  await again.sync()
  await a.sync()
  expect(await texts(again)).toEqual([...before, 'after the restore', 'good to see you'])
  expect(await texts(a)).toEqual(await texts(again))
})

test('what waited in the outbox and went out after the backup is not sent twice', async () => {
  await using relay = await testRelay()
  const [alice, bob] = [await person(relay), await person(relay)]
  await using a = alice.client
  await a.connect()
  await bob.client.connect()
  await (await a.conversations.dm(bob.client.address)).send('hello', { ...WAIT, wait: 'delivered' })
  await bob.client.close()
  // Offline: the message waits.
  const offline = await createClient({ ...bob.place, strangers: 'allow' })
  const waiting = await (await offline.conversations.dm(a.address)).send('once')
  const backup = await exported(offline)
  await offline.connect()
  await offline.messages.waitFor(waiting.id, 'sent', { timeout: 90_000 })
  await offline.close()

  await using again = (await restoredFrom(backup)).client
  expect((await again.messages.get(waiting.id))?.state).toBe('queued')
  await again.connect()
  await again.messages.waitFor(waiting.id, 'sent', { timeout: 90_000 })
  await (await again.conversations.dm(a.address)).send('twice', WAIT)
  await a.sync()
  expect(await texts(a)).toEqual(['hello', 'once', 'twice'])
  expect(await texts(again)).toEqual(['hello', 'once', 'twice'])
})

test('a conversation that was opened for a package of the backup is read whole, and its ratchet is not used', async () => {
  await using relay = await testRelay()
  const [alice, bob] = [await person(relay), await person(relay)]
  await using a = alice.client
  await a.connect()
  await bob.client.connect()
  const backup = await exported(bob.client)
  await bob.client.close()
  // Bob is away: she adds him by a package that the backup holds the secret of.
  const toBob = await a.conversations.dm(bob.client.address)
  await toBob.send('one', WAIT)
  await toBob.send('two', WAIT)

  await using again = (await restoredFrom(backup)).client
  await again.connect()
  await again.sync()
  expect(await texts(again)).toEqual(['one', 'two'])
  await (await again.conversations.dm(a.address)).send('three', WAIT)
  await a.sync()
  expect(await texts(a)).toEqual(['one', 'two', 'three'])
})

test('while a backup is made, work goes on, and it is of one moment', async () => {
  await using relay = await testRelay()
  const [alice, bob] = [await person(relay), await person(relay)]
  await using a = alice.client
  await using b = bob.client
  await a.connect()
  await b.connect()
  const toBob = await a.conversations.dm(b.address)
  const text = 'x'.repeat(20_000)
  for (let i = 0; i < 20; i++) await toBob.send(`${i} ${text}`, WAIT)
  const backup: Uint8Array[] = []
  const progress: { done: number; total: number }[] = []
  let sent = 0
  for await (const part of a.backup.export({ passphrase: PASSPHRASE, onProgress: (now) => progress.push(now) })) {
    backup.push(part)
    if (sent < 3) await toBob.send(`meanwhile ${sent++}`, WAIT)
  }
  expect(sent).toBe(3)
  expect(progress.at(0)?.done).toBe(0)
  expect(progress.at(-1)?.done).toBe(progress.at(-1)?.total)
  await using again = (await restoredFrom(backup)).client
  expect((await texts(again)).filter((one) => one.startsWith('meanwhile'))).toEqual([])
  expect(await texts(again)).toHaveLength(20)
})

test('a backup is read into an empty store only, with its passphrase, and half of one opens as nobody’s', async () => {
  await using relay = await testRelay()
  const alice = await person(relay)
  const backup = await exported(alice.client)
  await alice.client.close()
  const read = (parts: readonly Uint8Array[], place: object, passphrase = PASSPHRASE) =>
    importBackup({ ...place, source: from(parts), passphrase })
  await expect(read(backup, alice.place)).rejects.toMatchObject({ code: 'identity/exists' })
  const place = await host.place()
  await expect(read(backup, place, 'wrong')).rejects.toMatchObject({ code: 'identity/wrong-passphrase' })
  await expect(createClient(place)).rejects.toMatchObject({ code: 'identity/none' })
  const flat = concat(...backup)
  await expect(read([flat.subarray(0, -40)], place)).rejects.toMatchObject({ code: 'backup/damaged' })
  const stopped = importBackup({
    ...place,
    passphrase: PASSPHRASE,
    source: (async function* () {
      yield flat.subarray(0, 300)
      throw new Error('the disk was taken out')
    })(),
  })
  await expect(stopped).rejects.toThrow('the disk was taken out')
  await read(backup, place)
  await expect(read(backup, place)).rejects.toMatchObject({ code: 'identity/exists' })
  await using again = await createClient(place)
  expect(again.address).toBe(alice.client.address)
})
