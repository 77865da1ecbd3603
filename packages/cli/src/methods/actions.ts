import type { Action, MessageId, SendableContent } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import type { ActionCalls, ActionView, ActionWaiting } from './action-types.ts'
import { confirmed } from './confirmed.ts'
import { WAIT } from './defaults.ts'
import type { Engine } from './engine.ts'
import { messageNamed } from './messages.ts'
import { chatToWrite } from './resolve.ts'
import { settle } from './send.ts'
import { caughtUp } from './synced.ts'
import type { MessageView, Waiting } from './types.ts'
import { createViewer } from './viewer.ts'

type Params<K extends keyof ActionCalls> = ActionCalls[K]['params']

/** What each failure means for an action: it is durable before anything is waited for. */
export const KEPT = {
  unreachable: 'It is safe in the outbox and goes out when dchat runs again and the relay can be reached.',
  full: 'Free some space; what was asked may not be stored yet, so look with "dchat read" before you repeat it.',
  unconfirmed: 'It is safe in the outbox; it goes out when dchat runs again.',
}

/** The same for a change that is not kept for later. */
const CHANGED = {
  unreachable: 'Nothing was changed; try again when the relay can be reached.',
  unconfirmed: 'It may still come to stand: look with "dchat read" before you repeat it.',
}

/** The message meant; what is not known here yet may wait at the relays. Throws `message/unknown`. */
export const messageOf = async (
  engine: Engine,
  id: string,
  waiting: Waiting,
  signal: AbortSignal,
): Promise<MessageId> => {
  const known = await messageNamed(engine.client, id)
  if (known !== undefined) return known
  await caughtUp(engine, waiting, signal)
  const found = await messageNamed(engine.client, id)
  if (found !== undefined) return found
  throw new DchatError('message/unknown', { messageId: id })
}

type Act = (
  id: MessageId,
  options: { wait?: 'sent'; timeout?: number; signal: AbortSignal },
) => Promise<Action | undefined>

/** Does something to a message in the order of the calls, and waits until it stands, if that is wanted. */
const act = async (
  engine: Engine,
  params: ActionWaiting & { readonly message: string },
  signal: AbortSignal,
  action: Act,
): Promise<ActionView> => {
  const { wait = 'sent', timeout = WAIT, patience } = params
  const id = await messageOf(engine, params.message, params, signal)
  const view = (done: Action | undefined): ActionView => ({
    message: id,
    ...(done === undefined ? {} : { id: done.id }),
  })
  if (wait === 'queued') return view(await action(id, { signal }))
  const stands = (until: AbortSignal) => action(id, { wait, timeout, signal: until })
  return view(await confirmed(engine, { patience, hints: KEPT }, signal, stands))
}

export const react = (engine: Engine, params: Params<'react'>, signal: AbortSignal): Promise<ActionView> => {
  const { messages } = engine.client
  const { emoji, off } = params
  return act(engine, params, signal, (id, options) =>
    off === true ? messages.unreact(id, emoji, options) : messages.react(id, emoji, options),
  )
}

export const edit = (engine: Engine, params: Params<'edit'>, signal: AbortSignal): Promise<ActionView> => {
  const { text, format } = params
  const content: SendableContent = format === 'markdown' ? { type: 'markdown', markdown: text } : { type: 'text', text }
  return act(engine, params, signal, (id, options) => engine.client.messages.edit(id, content, options))
}

export const remove = (engine: Engine, params: Params<'delete'>, signal: AbortSignal): Promise<ActionView> =>
  act(engine, params, signal, (id, options) => engine.client.messages.delete(id, options))

export const pin = async (engine: Engine, params: Params<'pin'>, signal: AbortSignal): Promise<ActionView> => {
  const { messages } = engine.client
  const { timeout = WAIT, patience, off } = params
  const id = await messageOf(engine, params.message, params, signal)
  await confirmed(engine, { patience, hints: CHANGED }, signal, (until) =>
    off === true ? messages.unpin(id, { timeout, signal: until }) : messages.pin(id, { timeout, signal: until }),
  )
  return { message: id }
}

export const forward = async (engine: Engine, params: Params<'forward'>, signal: AbortSignal): Promise<MessageView> => {
  const { client, inOrder } = engine
  const { clientId } = params
  const id = await messageOf(engine, params.message, params, signal)
  const queued = await inOrder(async () => {
    const to = await chatToWrite(client, params.to, signal)
    return client.messages.forward(id, to, { signal, ...(clientId === undefined ? {} : { clientId }) })
  })
  return createViewer(client).view(await settle(engine, queued, params, signal))
}
