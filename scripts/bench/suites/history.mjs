import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../../lib/run.mjs'

const built = (name) => import(pathToFileURL(join(root, `packages/${name}/dist/index.js`)).href)

const COUNTS = { quick: [20, 40], full: [1_000, 10_000] }
const RUNS = { quick: 2, full: 5 }
const TIMEOUT = 1_200_000
const opened = []

const openClient = async (relay, options) => {
  const { createClient } = await built('sdk')
  const client = await createClient({
    relays: [relay.url],
    store: ':memory:',
    strangers: 'allow',
    reports: false,
    ...options,
  })
  opened.push(client)
  return client
}

/** A person whose conversation of so many messages is in the archive. */
const talked = async (relay, messages) => {
  const { createIdentity } = await built('sdk')
  const identity = createIdentity()
  const [ann, ben] = [await openClient(relay, { identity }), await openClient(relay, { identity: createIdentity() })]
  await Promise.all([ann.connect(), ben.connect()])
  const { id } = await ben.conversations.dm(ann.address)
  for (let i = 0; i < messages; i += 1)
    await ben.messages.send(id, `message ${i}`, i === messages - 1 ? { wait: 'sent', timeout: TIMEOUT } : {})
  await ann.sync({ timeout: TIMEOUT })
  await ann.settings.set({ archiveBodies: true })
  while ((await ann.history.archive()).messages < messages) await new Promise((resolve) => setTimeout(resolve, 200))
  await Promise.all([ann.close(), ben.close()])
  return identity.recoveryPhrase
}

const until = async (client, isThere) => {
  for await (const progress of client.history.stream()) if (isThere(progress)) return
}

/** A new device that has nothing but the phrase, until it has enough of the past. */
const taking = (relay, phrase, isThere) => async () => {
  const { restoreIdentity } = await built('sdk')
  const client = await openClient(relay, { identity: restoreIdentity(phrase) })
  // The conversation's other side is away: nobody lets this device in, and it reads all the same.
  await Promise.all([client.connect({ timeout: TIMEOUT }), until(client, isThere)])
  await client.close()
}

/** @type {import('../runner.mjs').Suite} */
export const suite = {
  name: 'history',
  title: 'A device from the phrase alone, its first connection included, over a relay in this process',
  unit: 'ms',
  rounds: 1,
  setup: async (size) => {
    const { createRelay } = await built('relay')
    const relay = await createRelay()
    opened.push(relay)
    const cases = []
    for (const count of COUNTS[size]) {
      const phrase = await talked(relay, count)
      for (const [what, isThere] of [
        ['the newest', ({ messages }) => messages > 0],
        ['half', ({ messages }) => messages >= count / 2],
        ['all', ({ state }) => state === 'done'],
      ])
        cases.push({ name: `${what} of ${count} messages`, runs: RUNS[size], run: taking(relay, phrase, isThere) })
    }
    return cases
  },
  // What was opened here is closed like a peer: in the end, whatever happened.
  parts: [
    {
      name: 'relay and clients',
      open: async () => [],
      close: async () => {
        for (const one of opened.splice(0).reverse()) await one.close()
      },
    },
  ],
}
