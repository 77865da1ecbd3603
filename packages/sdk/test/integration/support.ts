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
import type { Place } from './host/host.ts'

/** A relay on loopback, as the tests of a person's whole way need it. */
export const testRelay = host.relay

export interface Person {
  readonly client: Client
  /** Where the device keeps everything. */
  readonly place: Place
  readonly phrase: string
}

/** A new person at a relay, with a store that a later client can open again. */
export const person = async (relay: { url: string }): Promise<Person> => {
  const place = await host.place()
  const identity = createIdentity()
  const client = await createClient({ identity, relays: [relay.url], ...place })
  return { client, place, phrase: identity.recoveryPhrase }
}

/** The same device again, over the store that it left. */
export const reopen = ({ place }: Person): Promise<Client> => createClient(place)

/** A new device that has nothing but the phrase. */
export const restored = async (identity: RestoredIdentity, relay: { url: string }): Promise<Client> =>
  createClient({ identity, relays: [relay.url], ...(await host.place()) })

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
