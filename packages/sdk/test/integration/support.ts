import { host } from '#host'
import {
  type Address,
  type Client,
  type Cursor,
  createClient,
  createIdentity,
  type Message,
  type RestoredIdentity,
} from '../../src/index.ts'
import type { Storage } from '../../src/ports/storage.ts'

/** A relay on loopback, as the tests of a person's whole way need it. */
export const testRelay = host.relay

export interface Person {
  readonly client: Client
  readonly storage: Storage
  readonly phrase: string
}

const STORE_KEY = new Uint8Array(32).fill(7)

/** A new person at a relay, with a storage that a later client can open again. */
export const person = async (relay: { url: string }): Promise<Person> => {
  const storage = await host.storage()
  const identity = createIdentity()
  const client = await createClient({ identity, relays: [relay.url], storage, storeKey: STORE_KEY })
  return { client, storage, phrase: identity.recoveryPhrase }
}

/** The same device again, over the store that it left. */
export const reopen = ({ storage }: Person): Promise<Client> => createClient({ storage, storeKey: STORE_KEY })

/** A new device that has nothing but the phrase. */
export const restored = async (identity: RestoredIdentity, relay: { url: string }): Promise<Client> =>
  createClient({ identity, relays: [relay.url], storage: await host.storage(), storeKey: STORE_KEY })

/** The next message of somebody else, from the stored cursor. */
export const next = async (client: Client): Promise<Message> => {
  for await (const message of client.messages.stream({ signal: AbortSignal.timeout(40_000) })) {
    await client.messages.ack(message.cursor as Cursor)
    return message
  }
  throw new Error('the stream ended')
}

/** What was said in the first conversation, in its order. */
export const texts = async (client: Client): Promise<string[]> => {
  const [conversation] = (await client.conversations.list()).items
  if (conversation === undefined) return []
  const { items } = await client.messages.list(conversation.id)
  return items.map(({ content }) => (content.type === 'text' ? content.text : '?')).reverse()
}

/** An address that nobody has published. */
export const stranger = (): Address => createIdentity().address
