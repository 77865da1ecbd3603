import { appendFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { writeHeapSnapshot } from 'node:v8'
import { systemClock } from '../../../src/adapters/clock/system-clock.ts'
import { assembleClient } from '../../../src/client/assemble-client.ts'
import { createIdentity, parseRelayUrl } from '../../../src/index.ts'
import { nodeCrypto, nodeTransport, openNodeStore } from '../../../src/node.ts'

/**
 * A bot in a process of its own, its store on the disk. It keeps all that it decrypts in a file, obeys the lines that it
 * reads, and answers each with one line.
 */

const [folder, relay] = process.argv.slice(2) as [string, string]

const record = (plaintext: unknown): void => {
  if (plaintext instanceof Uint8Array) appendFileSync(join(folder, 'decrypted'), plaintext)
}

/** The same object, whose decrypting functions keep what they give, however deep they stand. */
const watched = <T extends object>(target: T): T =>
  new Proxy(target, {
    get: (_, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value === 'function') {
        const isDecrypting = name === 'open' || name === 'decryptAead' || name === 'decrypt'
        const call = value.bind(target) as (...args: unknown[]) => unknown
        return (...args: unknown[]) => {
          const given = call(...args)
          if (!(given instanceof Promise)) return kept(given, isDecrypting)
          return given.then((result: unknown) => kept(result, isDecrypting))
        }
      }
      return isPlain(value) ? watched(value) : value
    },
  })

const kept = (result: unknown, isDecrypting: boolean): unknown => {
  if (isDecrypting) record(result)
  return isPlain(result) ? watched(result) : result
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

const crypto = watched(nodeCrypto())
const { store } = await openNodeStore({ dir: join(folder, 'store'), create: true })
const bot = await assembleClient({
  identity: createIdentity(),
  relays: [parseRelayUrl(relay)],
  strangers: 'allow',
  store,
  crypto,
  clock: systemClock(),
  transport: nodeTransport({ crypto }),
})
await bot.connect()
await bot.bots.publish({
  read: ['commands', 'mentions', 'replies'],
  send: true,
  react: false,
  files: false,
  members: false,
  history: 'none',
  commands: [{ name: 'note', description: 'Notes something' }],
})

/** Everything that the bot's own client can read of its store. */
const everything = async (): Promise<unknown[]> => {
  const { items } = await bot.conversations.list()
  return Promise.all(items.map(async ({ id }) => [id, await bot.messages.list(id, { limit: 1_000 })]))
}

const answer = async (line: string): Promise<string> => {
  if (line === 'read') return JSON.stringify(await everything())
  writeFileSync(join(folder, 'read'), JSON.stringify(await everything()))
  return writeHeapSnapshot(join(folder, 'memory.heapsnapshot'))
}

process.stdout.write(`${bot.address}\n`)
for await (const line of createInterface({ input: process.stdin })) process.stdout.write(`${await answer(line)}\n`)
