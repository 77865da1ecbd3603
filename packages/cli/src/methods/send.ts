import type { Client, ConversationId, Message, MessageId, SendableContent } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import { confirmed } from './confirmed.ts'
import { WAIT } from './defaults.ts'
import type { Engine } from './engine.ts'
import { withMentions } from './mentions.ts'
import { messageNamed } from './messages.ts'
import { chatToWrite } from './resolve.ts'
import type { MessageView, SendParams, Waiting } from './types.ts'
import { createViewer } from './viewer.ts'

const WHOLE = /^[0-9a-f]{64}$/

/** What each failure means for the message. */
const HINTS = {
  unreachable: 'The message is safe in the outbox; it is sent when dchat runs again and the relay can be reached.',
  full: 'Free some space; the message is safe in the outbox and is sent when dchat runs again.',
}

/** What is answered: a whole id as it is, for it may be on its way here; a beginning must be known. */
const answered = async (client: Client, named: string): Promise<MessageId> => {
  const known = WHOLE.test(named) ? (named as MessageId) : await messageNamed(client, named)
  if (known === undefined) throw new DchatError('message/unknown', { messageId: named })
  return known
}

const contentOf = async (client: Client, params: SendParams, signal: AbortSignal): Promise<SendableContent> => {
  const { text, format, replyTo, keyboard, mentions = [] } = params
  const besides = {
    ...(replyTo === undefined ? {} : { replyTo: await answered(client, replyTo) }),
    ...(keyboard === undefined ? {} : { keyboard }),
  }
  const content: SendableContent =
    format === 'markdown' ? { type: 'markdown', markdown: text, ...besides } : { type: 'text', text, ...besides }
  return mentions.length === 0 ? content : withMentions(client, content, mentions, signal)
}

const enqueue = async (client: Client, params: SendParams, signal: AbortSignal): Promise<Message> => {
  const { chat, clientId } = params
  const conversation: ConversationId = await chatToWrite(client, chat, signal)
  const content = await contentOf(client, params, signal)
  const message = await client.messages.send(conversation, content, {
    signal,
    ...(clientId === undefined ? {} : { clientId }),
  })
  // The same input again is the wish to try again what failed before.
  return message.state === 'failed' ? client.messages.retry(message.id) : message
}

/** Waits until an own message came as far as wanted. */
export const settle = async (
  engine: Engine,
  queued: Message,
  { wait = 'sent', timeout = WAIT, patience }: Waiting & { readonly wait?: SendParams['wait'] },
  signal: AbortSignal,
): Promise<Message> =>
  wait === 'queued'
    ? queued
    : confirmed(engine, { patience, hints: HINTS }, signal, (until) =>
        engine.client.messages.waitFor(queued.id, wait, { timeout, signal: until }),
      )

/** Queues in the order of the calls, then waits side by side for the wanted state. */
export const send = async (engine: Engine, params: SendParams, signal: AbortSignal): Promise<MessageView> => {
  const queued = await engine.inOrder(() => enqueue(engine.client, params, signal))
  const message = await settle(engine, queued, params, signal)
  return createViewer(engine.client).view(message)
}
