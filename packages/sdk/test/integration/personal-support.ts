import { host } from '#host'
import { type Client, createClient, restoreIdentity } from '../../src/index.ts'
import { type Person, person } from './support.ts'

/** The same person on a second device, which has nothing but the phrase. */
export const secondDevice = async ({ phrase }: Person, relay: { url: string }): Promise<Person> => {
  const place = await host.place()
  const identity = restoreIdentity(phrase)
  const client = await createClient({ identity, relays: [relay.url], strangers: 'allow', ...place })
  return { client, place, phrase }
}

/** Waits until it holds; what it was at last is in the error. */
export const until = async <T>(read: () => Promise<T>, holds: (value: T) => boolean): Promise<T> => {
  const end = Date.now() + 40_000
  while (true) {
    const value = await read()
    if (holds(value)) return value
    if (Date.now() > end) throw new Error(`it did not come to pass: ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Everything that a person sees of its own state. */
const personalView = async (client: Client): Promise<unknown> => {
  const { items } = await client.conversations.list()
  return {
    settings: await client.settings.get(),
    contacts: (await client.contacts.list()).map(({ address, name }) => [address, name]).sort(),
    conversations: items.map(({ id, draft, pinned, archived, notify, unread }) => ({
      id,
      draft,
      pinned,
      archived,
      notify,
      unread,
    })),
  }
}

const plain = (value: unknown): string => JSON.stringify(value)

/** Waits until both devices show the same; gives what they show. */
export const agreed = async (a: Client, b: Client): Promise<unknown> => {
  const both = () => Promise.all([personalView(a), personalView(b)])
  const [view] = await until(both, ([x, y]) => plain(x) === plain(y))
  return view
}

/** Two devices of one person who hear each other. */
export const twoDevices = async (relay: { url: string }): Promise<{ first: Person; second: Person }> => {
  const first = await person(relay)
  await first.client.connect()
  const second = await secondDevice(first, relay)
  await second.client.connect()
  await hearEachOther(first.client, second.client)
  return { first, second }
}

export const hearEachOther = async (a: Client, b: Client): Promise<void> => {
  await a.settings.set({ notify: 'mentions' })
  await until(
    () => b.settings.get(),
    ({ notify }) => notify === 'mentions',
  )
  await b.settings.set({ notify: 'all' })
  await until(
    () => a.settings.get(),
    ({ notify }) => notify === 'all',
  )
}
