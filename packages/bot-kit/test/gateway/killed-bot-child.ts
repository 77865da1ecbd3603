import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createClient, createIdentity } from '@dchat/sdk'
import { runWebhooks } from '../../src/incoming/run-webhooks.ts'
import { sqliteQueue } from '../../src/queue/sqlite.ts'

/**
 * A bot with a webhook in a process of its own, which kills itself at its nth step (0: never): a real client, a real queue,
 * both on the disk. It prints its invite when it is connected.
 */

const [folder, relay, url, secret, steps] = process.argv.slice(2) as [string, string, string, string, string]
let left = Number(steps)

const step = (): void => {
  left -= 1
  if (left === 0) process.kill(process.pid, 'SIGKILL')
}

/** May die before it is done, and after it. */
const stepped =
  <Args extends unknown[], T>(work: (...args: Args) => Promise<T>) =>
  async (...args: Args): Promise<T> => {
    step()
    const result = await work(...args)
    step()
    return result
  }

/** The same object with some members changed. */
const changed = <T extends object>(target: T, members: Partial<T>): T =>
  new Proxy(target, {
    get: (_, name) => {
      if (Object.hasOwn(members, name)) return Reflect.get(members, name)
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })

const stop = new AbortController()
process.once('SIGTERM', () => stop.abort())

const store = join(folder, 'client')
const client = await createClient({
  ...(!existsSync(store) && { identity: createIdentity() }),
  ...{ relays: [relay], store, strangers: 'allow' },
})
await client.connect()
const { messages } = client
const queue = sqliteQueue(join(folder, 'queue.db'))
process.stdout.write(`${client.invite()}\n`)
await runWebhooks(
  {
    client: changed(client, {
      messages: changed(messages, {
        send: stepped((...args) => messages.send(...args)),
        ack: stepped((...args) => messages.ack(...args)),
      }),
    }),
    queue: changed(queue, {
      add: stepped(queue.add),
      answered: stepped(queue.answered),
      settle: stepped(queue.settle),
    }),
    webhooks: [{ name: 'program', url, keys: [secret] }],
    allowPrivateTargets: [new URL(url).host],
  },
  { signal: stop.signal },
)
await client.close()
await queue.close()
