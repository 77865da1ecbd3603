import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { type Client, createClient, createIdentity } from '../../../src/index.ts'
import { memoryStorage } from '../../../src/node.ts'
import type { Storage } from '../../../src/ports/storage.ts'
import { company } from '../support.ts'

/** A disk that gives the state of rooms late, so that what others see before it is loaded is seen. */
const slow = (storage: Storage): Storage => ({
  read: (work) =>
    storage.read((tx) =>
      work({
        get: async (table, key) => {
          if (table === 'groups') await sleep(100)
          return tx.get(table, key)
        },
        page: (table, query) => tx.page(table, query),
        scan: (table, query) => tx.scan(table, query),
      }),
    ),
  write: (work) => storage.write(work),
  changes: (tables, options) => storage.changes(tables, options),
  close: () => storage.close(),
})

const group = company()

const person = async (): Promise<Client> => {
  const client = await createClient({
    identity: createIdentity(),
    relays: [group.relay.url],
    storage: slow(memoryStorage()),
    storeKey: new Uint8Array(32).fill(5),
    strangers: 'allow',
  })
  group.open.push(client)
  await client.connect()
  return client
}

/** What a window does: it asks for what it shows as soon as the conversation is said to be open. */
const askAtOnce = async (client: Client, kind: 'dm' | 'group') => {
  for await (const conversation of client.conversations.stream({ signal: AbortSignal.timeout(60_000) }))
    if (conversation.kind === kind && conversation.state === 'open') return client.conversations.hubs(conversation.id)
  throw new Error('nothing was opened')
}

test('what is said to be open is there at once, for whoever opened it and for whoever was asked in', async () => {
  const [ann, ben] = [await person(), await person()]
  const dms = Promise.all([askAtOnce(ann, 'dm'), askAtOnce(ben, 'dm')])
  await ben.contacts.add(ann.invite())
  await (await ann.conversations.dm(ben.address)).send('Hello!')
  for (const { hub } of await dms) expect(hub).toBe(group.relay.url)

  const groups = Promise.all([askAtOnce(ann, 'group'), askAtOnce(ben, 'group')])
  const { id } = await ann.groups.create({ name: 'Trip', people: [ben.address] })
  await expect.poll(async () => (await ben.conversations.get(id))?.state, { timeout: 60_000 }).toBe('invited')
  await ben.groups.accept(id)
  for (const { hub } of await groups) expect(hub).toBe(group.relay.url)
})
