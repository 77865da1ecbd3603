import type { Client, ConversationId, Cursor, Message, MessageId } from '@dchat/sdk'
import { PAGE } from './defaults.ts'
import type { Engine } from './engine.ts'
import { chatToRead } from './resolve.ts'
import { caughtUp } from './synced.ts'
import type { MessageView, ReadParams } from './types.ts'
import { createViewer } from './viewer.ts'

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

const messagesOf = async function* (client: Client, chat: ConversationId, params: ReadParams, signal: AbortSignal) {
  const { limit = PAGE } = params
  if (params.pinned === true) yield* (await client.messages.pinned(chat)).slice(0, limit)
  else if (params.since === undefined) yield* await newest(client, chat, limit)
  else yield* since(client, chat, params.since as Cursor, limit, signal)
}

export async function* read(engine: Engine, params: ReadParams, signal: AbortSignal): AsyncGenerator<MessageView> {
  const { client } = engine
  if (params.offline !== true) await caughtUp(engine, params, signal)
  const chat = await chatToRead(client, params.chat)
  if (chat === undefined) return
  const { view } = createViewer(client)
  for await (const message of messagesOf(client, chat, params, signal)) yield view(message)
}

export const markRead = async ({ client }: Engine, { chat, upTo }: { chat: string; upTo: string }): Promise<object> => {
  const conversation = await chatToRead(client, chat)
  if (conversation !== undefined) await client.conversations.markRead(conversation, upTo as MessageId)
  return {}
}
