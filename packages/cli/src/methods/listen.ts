import type { Address, Client, ConversationId, Cursor } from '@dchat/sdk'
import type { Engine } from './engine.ts'
import { chatToRead, listeningTo } from './resolve.ts'
import type { ListenParams, MessageView } from './types.ts'
import { createViewer } from './viewer.ts'

/** One conversation or everything. */
export interface Target {
  /** Independent cursors: listening to one person does not move the cursor of listening to all. */
  readonly stream: string
  /** Narrows what is read, where the conversation is known already. */
  readonly conversation?: ConversationId
  readonly wants: (conversation: ConversationId) => Promise<boolean>
}

/** True for conversations with this person, also one that begins while we listen. */
const isWith = (client: Client, peer: Address): Target['wants'] => {
  const known = new Map<ConversationId, boolean>()
  return async (conversation) => {
    const before = known.get(conversation)
    if (before !== undefined) return before
    const now = (await client.conversations.get(conversation))?.peer === peer
    known.set(conversation, now)
    return now
  }
}

export const targetOf = async (client: Client, chat: string | undefined): Promise<Target> => {
  if (chat === undefined) return { stream: 'listen', wants: async () => true }
  const found = await listeningTo(client, chat)
  if (typeof found === 'string')
    return { stream: `listen:${found}`, conversation: found, wants: async (conversation) => conversation === found }
  const conversation = await chatToRead(client, chat)
  return {
    stream: `listen:${found.address}`,
    ...(conversation === undefined ? {} : { conversation }),
    wants: isWith(client, found.address),
  }
}

export async function* listen(engine: Engine, params: ListenParams, signal: AbortSignal): AsyncGenerator<MessageView> {
  const { client, online } = engine
  const { stream, conversation, wants } = await targetOf(client, params.chat)
  online.start()
  const messages = client.messages.stream({
    name: stream,
    manual: true,
    signal,
    ...(conversation === undefined ? {} : { conversation }),
    ...(params.since === undefined ? {} : { after: params.since as Cursor | 'now' | 'start' }),
  })
  const { view } = createViewer(client)
  for await (const message of messages) if (await wants(message.conversation)) yield view(message)
}

export const acknowledge = async (
  { client }: Engine,
  params: { cursor: string; chat?: string | undefined },
): Promise<object> => {
  const { stream } = await targetOf(client, params.chat)
  await client.messages.ack(params.cursor as Cursor, { name: stream })
  return {}
}
