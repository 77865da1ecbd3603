import type { Client, ConversationId, Cursor, Message, MessageId } from '@dchat/sdk'
import { DchatError, isDchatError } from '@dchat/sdk/errors'
import { PAGE, PATIENCE, WAIT } from './defaults.ts'
import type { Engine } from './engine.ts'
import { chatToRead } from './resolve.ts'
import type { MessageView, ReadParams } from './types.ts'
import { messageView } from './views.ts'

/** Pages that are fetched at once from the conversation's order. */
const STEP = 200

/** The newest messages, oldest first. */
const newest = async (client: Client, chat: ConversationId, limit: number): Promise<readonly Message[]> => {
  const found: Message[] = []
  for (let before: string | undefined; found.length < limit; ) {
    const size = Math.min(STEP, limit - found.length)
    const page = await client.messages.list(chat, { limit: size, ...(before === undefined ? {} : { before }) })
    found.push(...page.items)
    before = page.next
    if (before === undefined) break
  }
  return found.reverse()
}

async function* since(client: Client, chat: ConversationId, after: Cursor, limit: number, signal: AbortSignal) {
  let left = limit
  // Manual and never acknowledged: the cursor of `listen` does not move by reading.
  for await (const message of client.messages.stream({
    name: 'read',
    after,
    conversation: chat,
    own: true,
    manual: true,
    once: true,
    signal,
  })) {
    yield message
    left -= 1
    if (left === 0) return
  }
}

/** Everything that the relays hold is stored. Throws `storage/full` where it cannot be. */
const synced = async ({ client, faults }: Engine, timeout: number, signal: AbortSignal): Promise<void> => {
  const done = new AbortController()
  const either = AbortSignal.any([signal, done.signal])
  const fault = faults.next(either)
  const sync = client.sync({ timeout, signal: either })
  try {
    await Promise.race([sync, fault])
  } catch (error) {
    if (!isDchatError(error, 'storage/full')) throw error
    const hint = 'Free some space and try again; --offline shows what is stored.'
    throw new DchatError('storage/full', error.details, { hint, cause: error })
  } finally {
    done.abort()
    // The one that lost the race ends by the signal.
    sync.catch(() => {})
    fault.catch(() => {})
  }
}

export async function* read(engine: Engine, params: ReadParams, signal: AbortSignal): AsyncGenerator<MessageView> {
  const { client, online } = engine
  const { limit = PAGE, timeout = WAIT, patience = PATIENCE } = params
  if (params.offline !== true) {
    await online.ready(patience, signal)
    await synced(engine, timeout, signal)
  }
  const chat = await chatToRead(client, params.chat)
  if (chat === undefined) return
  const messages =
    params.since === undefined
      ? await newest(client, chat, limit)
      : since(client, chat, params.since as Cursor, limit, signal)
  for await (const message of messages) yield messageView(client, message)
}

export const markRead = async ({ client }: Engine, { chat, upTo }: { chat: string; upTo: string }): Promise<object> => {
  const conversation = await chatToRead(client, chat)
  if (conversation !== undefined) await client.conversations.markRead(conversation, upTo as MessageId)
  return {}
}
