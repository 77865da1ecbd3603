import type { Client, ConversationId, Message, MessageId, SendableContent } from '@dchat/sdk'
import { confirmed } from './confirmed.ts'
import { WAIT } from './defaults.ts'
import type { Engine } from './engine.ts'
import { chatToWrite } from './resolve.ts'
import type { MessageView, SendParams, Waiting } from './types.ts'
import { createViewer } from './viewer.ts'

/** What each failure means for the message. */
const HINTS = {
  unreachable: 'The message is safe in the outbox; it is sent when dchat runs again and the relay can be reached.',
  full: 'Free some space; the message is safe in the outbox and is sent when dchat runs again.',
}

const contentOf = ({ text, format, replyTo }: SendParams): SendableContent => {
  const reply = replyTo === undefined ? {} : { replyTo: replyTo as MessageId }
  return format === 'markdown' ? { type: 'markdown', markdown: text, ...reply } : { type: 'text', text, ...reply }
}

const enqueue = async (client: Client, params: SendParams, signal: AbortSignal): Promise<Message> => {
  const { chat, replyTo, clientId } = params
  const conversation: ConversationId = await chatToWrite(client, chat, signal)
  const message = await client.messages.send(conversation, contentOf(params), {
    signal,
    ...(replyTo === undefined ? {} : { replyTo: replyTo as MessageId }),
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
