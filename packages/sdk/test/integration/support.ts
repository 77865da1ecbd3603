import { afterEach, beforeEach } from 'vitest'
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
import type { Place, TestRelay } from './host/host.ts'

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
  const client = await createClient({ identity, relays: [relay.url], strangers: 'allow', ...place })
  return { client, place, phrase: identity.recoveryPhrase }
}

export interface Company {
  /** The relay of the test that runs. */
  readonly relay: TestRelay
  /** Clients that are closed after the test. */
  readonly open: Client[]
  /** A new person who is connected. */
  join(): Promise<Person>
}

/** A relay for each test, and the people at it. Call it where the hooks belong. */
export const company = (): Company => {
  let relay: TestRelay | undefined
  const open: Client[] = []
  const present = (): TestRelay => {
    if (relay === undefined) throw new Error('no test runs')
    return relay
  }
  beforeEach(async () => {
    relay = await testRelay()
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.close()))
    await relay?.close()
  })
  const join = async (): Promise<Person> => {
    const made = await person(present())
    open.push(made.client)
    await made.client.connect()
    return made
  }
  return {
    get relay() {
      return present()
    },
    open,
    join,
  }
}

/** The same device again, over the store that it left. */
export const reopen = ({ place }: Person): Promise<Client> => createClient({ ...place, strangers: 'allow' })

/** A new device that has nothing but the phrase. */
export const restored = async (identity: RestoredIdentity, relay: { url: string }): Promise<Client> =>
  createClient({ identity, relays: [relay.url], strangers: 'allow', ...(await host.place()) })

/** The next message of somebody else, from the stored cursor. */
export const next = async (client: Client): Promise<Message> => {
  for await (const message of client.messages.stream({ signal: AbortSignal.timeout(120_000) })) {
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
