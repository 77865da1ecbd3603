/** The bot's device: it decrypts, and hands each event to the program at WEBHOOK_URL. That can be in any language. */
import { existsSync } from 'node:fs'
import { runWebhooks, sqliteQueue } from '@dchat/bot-kit'
import { createClient, createIdentity } from '@dchat/sdk'

const { RELAY = 'ws://127.0.0.1:7464', WEBHOOK_URL = 'http://127.0.0.1:3000/', WEBHOOK_SECRET = '' } = process.env

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop.abort())

const isNew = !existsSync('gateway')
const client = await createClient({
  ...(isNew && { identity: createIdentity() }),
  relays: [RELAY],
  store: 'gateway',
  strangers: 'allow',
})
await client.connect()
const queue = sqliteQueue('queue.db')
console.log(`Write to me: ${client.invite()}`)
await runWebhooks(
  {
    client,
    queue,
    webhooks: [{ name: 'handlers', url: WEBHOOK_URL, keys: [WEBHOOK_SECRET] }],
    allowPrivateTargets: [new URL(WEBHOOK_URL).host],
    onProblem: (problem) => console.error(problem),
  },
  { signal: stop.signal },
)
await client.close()
await queue.close()
