import { join } from 'node:path'
import { type Client, createClient, DchatError } from '@dchat/sdk'
import { memoryQueue } from '../queue/memory.ts'
import type { Queue } from '../queue/queue.ts'
import { sqliteQueue } from '../queue/sqlite.ts'
import { type BotStore, memoryBotStore } from '../store/bot-store.ts'
import { sqliteBotStore } from '../store/sqlite.ts'
import type { BotOptions } from './options.ts'
import { heldSecret, identityOf } from './secret.ts'

export interface OpenedClient {
  readonly client: Client
  readonly store: BotStore
  readonly queue: Queue
  /** Closes what was opened here. */
  close(): Promise<void>
}

const nothing = async (): Promise<void> => undefined

/** Opens the client of a secret. An identity that its relays do not know yet begins when it connects. */
const fromSecret = async (secret: string, { folder, relays = [] }: BotOptions): Promise<[Client, string]> => {
  const identity = identityOf(secret)
  const dir = folder ?? join('.dchat', identity.address)
  const store = join(dir, 'client')
  const client = await createClient({ identity, store, relays, strangers: 'allow', deviceName: 'bot', owner: 'a bot' })
  return [client, dir]
}

/** Throws `usage/invalid-argument` where neither client nor secret is given, and what files and `createClient` throw. */
export const openClient = async (options: BotOptions): Promise<OpenedClient> => {
  if (options.client) return { client: options.client, store: memoryBotStore(), queue: memoryQueue(), close: nothing }
  const secret = options.secret ?? (options.secretFile === undefined ? undefined : await heldSecret(options.secretFile))
  if (secret === undefined)
    throw new DchatError('usage/invalid-argument', {
      name: 'secret',
      reason: 'a bot needs a client, a secretFile, or a secret that createBotSecret made',
    })
  const [client, dir] = await fromSecret(secret, options)
  const store = sqliteBotStore(join(dir, 'bot.db'))
  const queue = sqliteQueue(join(dir, 'queue.db'))
  return {
    client,
    store,
    queue,
    close: async () => {
      await client.close()
      await queue.close()
      await store.close()
    },
  }
}
