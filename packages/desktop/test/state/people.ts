import { startTestRelay, type TestRelay } from '@dchat/relay/testing'
import { type Chat, type Client, createClient, createIdentity } from '@dchat/sdk'
import { vi } from 'vitest'

/** Two people who write to each other over a relay, and what failed in what the app shows of the first. */
export interface Pair {
  readonly relay: TestRelay
  readonly ann: Client
  readonly bob: Client
  /** The conversation, as each of them has it. */
  readonly annsChat: Chat
  readonly bobsChat: Chat
  readonly failures: unknown[]
  readonly failed: (error: unknown) => void
  [Symbol.asyncDispose](): Promise<void>
}

export const person = async (relay: TestRelay, options: { strangers?: 'ask' | 'allow' } = {}): Promise<Client> => {
  const client = await createClient({
    identity: createIdentity(),
    relays: [relay.url],
    store: ':memory:',
    strangers: 'allow',
    ...options,
  })
  await client.connect()
  return client
}

export const pair = async (): Promise<Pair> => {
  const relay = await startTestRelay()
  const [ann, bob] = await Promise.all([person(relay), person(relay)])
  const annsChat = await ann.conversations.dm(bob.address)
  await annsChat.send('hello', { wait: 'delivered' })
  const bobsChat = await bob.conversations.dm(ann.address)
  const failures: unknown[] = []
  return {
    relay,
    ann,
    bob,
    annsChat,
    bobsChat,
    failures,
    failed: (error) => {
      failures.push(error)
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([ann.close(), bob.close()])
      await relay.close()
    },
  }
}

/** Takes the relay away, and waits until these know. */
export const cutOff = async (relay: TestRelay, ...clients: readonly Client[]): Promise<void> => {
  await relay.stop()
  await until(() => clients.every(({ links }) => links.list().every(({ state }) => state.state !== 'ready')))
}

/** Waits until a condition holds. */
export const until = (condition: () => boolean): Promise<void> =>
  vi.waitFor(
    () => {
      if (!condition()) throw new Error('it does not hold yet')
    },
    { timeout: 90_000, interval: 10 },
  )
