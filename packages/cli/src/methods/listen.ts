import type { Address, Client, Cursor, Message } from '@dchat/sdk'
import type { Engine } from './engine.ts'
import { chatToRead, peerOf } from './resolve.ts'
import type { ListenParams, MessageView } from './types.ts'
import { messageView } from './views.ts'

/** Independent cursors: listening to one person does not move the cursor of listening to all. */
const streamName = (peer: Address | undefined): string => (peer === undefined ? 'listen' : `listen:${peer}`)

/** True for messages of conversations with this person, also of one that begins while we listen. */
const isWith = (client: Client, peer: Address): ((message: Message) => Promise<boolean>) => {
  const known = new Map<string, boolean>()
  return async ({ conversation }) => {
    const before = known.get(conversation)
    if (before !== undefined) return before
    const now = (await client.conversations.get(conversation))?.peer === peer
    known.set(conversation, now)
    return now
  }
}

export async function* listen(engine: Engine, params: ListenParams, signal: AbortSignal): AsyncGenerator<MessageView> {
  const { client, online } = engine
  const peer = params.chat === undefined ? undefined : await peerOf(client, params.chat)
  const chat = params.chat === undefined ? undefined : await chatToRead(client, params.chat)
  const wanted = peer === undefined ? undefined : isWith(client, peer)
  online.start()
  const messages = client.messages.stream({
    name: streamName(peer),
    manual: true,
    signal,
    ...(chat === undefined ? {} : { conversation: chat }),
    ...(params.since === undefined ? {} : { after: params.since as Cursor | 'now' | 'start' }),
  })
  for await (const message of messages)
    if (wanted === undefined || (await wanted(message))) yield messageView(client, message)
}

export const acknowledge = async (
  { client }: Engine,
  params: { cursor: string; chat?: string | undefined },
): Promise<object> => {
  const peer = params.chat === undefined ? undefined : await peerOf(client, params.chat)
  await client.messages.ack(params.cursor as Cursor, { name: streamName(peer) })
  return {}
}
