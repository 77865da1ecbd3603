import type { Client, ConversationId, Message, MessageId, SendableContent } from '@dchat/sdk'
import { DchatError, isDchatError } from '@dchat/sdk/errors'
import { PATIENCE, WAIT } from './defaults.ts'
import type { Engine } from './engine.ts'
import { chatToWrite } from './resolve.ts'
import type { MessageView, SendParams } from './types.ts'
import { messageView } from './views.ts'

const SAFE = 'The message is safe in the outbox; it is sent when dchat runs again and the relay can be reached.'

const SAFE_BUT_FULL = 'Free some space; the message is safe in the outbox and is sent when dchat runs again.'

/** The same failure, with what it means for the message. */
const aboutMessage = (error: unknown): unknown => {
  if (isDchatError(error, 'transport/unreachable'))
    return new DchatError('transport/unreachable', error.details, { hint: SAFE, cause: error })
  if (isDchatError(error, 'storage/full'))
    return new DchatError('storage/full', error.details, { hint: SAFE_BUT_FULL, cause: error })
  return error
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

const settle = async (engine: Engine, queued: Message, params: SendParams, signal: AbortSignal): Promise<Message> => {
  const { wait = 'sent', timeout = WAIT, patience = PATIENCE } = params
  if (wait === 'queued') return queued
  const done = new AbortController()
  const either = AbortSignal.any([signal, done.signal])
  const lost = engine.online.lost(patience, either)
  const waited = engine.client.messages.waitFor(queued.id, wait, { timeout, signal: either })
  const fault = engine.faults.next(either)
  try {
    return await Promise.race([waited, lost, fault])
  } catch (error) {
    throw aboutMessage(error)
  } finally {
    done.abort()
    // Those that lost the race end by the signal.
    waited.catch(() => {})
    lost.catch(() => {})
    fault.catch(() => {})
  }
}

/** Queues in the order of the calls, then waits side by side for the wanted state. */
export const send = async (engine: Engine, params: SendParams, signal: AbortSignal): Promise<MessageView> => {
  const queued = await engine.inOrder(() => enqueue(engine.client, params, signal))
  const message = await settle(engine, queued, params, signal)
  return messageView(engine.client, message)
}
