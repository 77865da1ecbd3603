import { Dexie } from 'dexie'
import nacl from 'tweetnacl'
import { type Address, type Client, createClient, createIdentity } from '../../../../src/index.ts'
import { toHex } from '../../../../src/util/bytes.ts'
import { hkdfSha256 } from '../../../../src/util/hash.ts'

/** Every 32 bytes that anything in this page drew at random, keys of stores among them. */
const drawn: Uint8Array[] = []
const draw = crypto.getRandomValues.bind(crypto)
crypto.getRandomValues = (array) => {
  const filled = draw(array)
  if (filled instanceof Uint8Array && filled.length === 32) drawn.push(filled.slice())
  return filled
}

interface Words {
  readonly device: string
  readonly contact: string
  readonly group: string
  readonly message: string
  readonly edited: string
  readonly inGroup: string
  readonly queued: string
}

const SENT = { wait: 'sent', timeout: 90_000 } as const
const soon = () => ({ signal: AbortSignal.timeout(120_000) })

const open = async (relay: string, deviceName: string): Promise<{ client: Client; phrase: string }> => {
  const identity = createIdentity()
  const client = await createClient({ identity, relays: [relay], deviceName, strangers: 'allow' })
  await client.connect()
  return { client, phrase: identity.recoveryPhrase }
}

/** Two people in this page, and a third elsewhere, do what leaves something behind; then both close. */
const live = async (relay: string, elsewhere: Address, words: Words) => {
  const alice = await open(relay, words.device)
  const bob = await open(relay, words.device)
  await alice.client.contacts.add(bob.client.invite(), { name: words.contact })
  await alice.client.contacts.add(elsewhere)
  const chat = await alice.client.conversations.dm(bob.client.address)
  const sent = await chat.send(words.message, { wait: 'delivered', timeout: 90_000 })
  await alice.client.messages.edit(sent.id, words.edited, SENT)
  const group = await alice.client.groups.create({ name: words.group, people: [bob.client.address] })
  for await (const { state } of bob.client.conversations.stream(soon())) if (state === 'invited') break
  await bob.client.groups.accept(group.id)
  await alice.client.messages.send(group.id, words.inGroup, { wait: 'delivered', timeout: 90_000 })
  await (await alice.client.conversations.dm(elsewhere)).send(words.message, SENT)
  const { address } = alice.client
  await Promise.all([alice.client.close(), bob.client.close()])
  // Nobody connects any more, so this one stays in the store.
  const offline = await createClient({ store: address })
  await offline.messages.send(chat.id, words.queued)
  const kept = (await offline.messages.list(chat.id)).items.flatMap(({ content }) =>
    content.type === 'text' ? [content.text] : [],
  )
  await offline.close()
  return { phrases: [alice.phrase, bob.phrase], kept }
}

interface Clear {
  readonly key: string
  readonly text: string
  readonly wide: string
  readonly bytes: string
  readonly phrase: string
}

const STORE_ROW = 'dchat/store-seal/v1'

/** Which of the bytes drawn in this page open a store's rows, as hex. Without this the search might look for others. */
const storeKeys = async (): Promise<readonly string[]> => {
  const found = new Set<string>()
  for (const name of await Dexie.getDatabaseNames()) {
    const database = await new Dexie(name).open()
    const rows: readonly { readonly value: Uint8Array }[] = await database.table('meta').toArray()
    database.close()
    const opens = (key: Uint8Array) =>
      rows.some(({ value }) => nacl.secretbox.open(value.slice(24), value.slice(0, 24), hkdfSha256(key, STORE_ROW, 32)))
    for (const key of drawn) if (opens(key)) found.add(toHex(key))
  }
  return [...found]
}

/** What a careless program would do: the same kinds of content, in another database of the same site, in the clear. */
const writeInTheClear = async ({ key, text, wide, bytes, phrase }: Clear): Promise<void> => {
  const database = new Dexie('in-the-clear')
  database.version(1).stores({ rows: 'key' })
  const rows = database.table('rows')
  await rows.put({ key, text, phrase, nested: [{ wide: `${wide} ✓` }], bytes: new TextEncoder().encode(bytes) })
  database.close()
}

/** Writes so much that the database packs what it has into tables and compresses it. */
const fill = async (): Promise<void> => {
  const database = new Dexie('filler')
  database.version(1).stores({ rows: '++' })
  for (let i = 0; i < 400; i++) await database.table('rows').add(`${i} `.repeat(10_000))
  database.close()
}

const page = { live, storeKeys, writeInTheClear, fill, drawn: () => drawn.map(toHex) }
export type People = typeof page

Object.assign(globalThis, { people: page })
