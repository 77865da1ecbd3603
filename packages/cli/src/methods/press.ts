import type { Client, ClientEvent, Keyboard, MessageId, PressAnswer } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import type { ActionCalls } from './action-types.ts'
import { KEPT, messageOf } from './actions.ts'
import { confirmed } from './confirmed.ts'
import { WAIT } from './defaults.ts'
import type { Engine } from './engine.ts'

/** ms that a bot has to answer in. */
const ANSWER_TIME = 10_000

type Params = ActionCalls['press']['params']
type Result = ActionCalls['press']['result']

/** Presses a button, and waits for what its author says to that, unless told otherwise. */
export const press = async (engine: Engine, params: Params, signal: AbortSignal): Promise<Result> => {
  const { client } = engine
  const { wait = 'answered', timeout = WAIT, patience } = params
  const message = await messageOf(engine, params.message, params, signal)
  const callback = await callbackOf(client, message, params.button)
  if (wait === 'queued')
    return { message, callback, id: (await client.messages.press(message, callback, { signal })).id }
  const over = new AbortController()
  const until = AbortSignal.any([signal, over.signal])
  const events = client.events({ signal: until })
  try {
    const { id } = await confirmed(engine, { patience, hints: KEPT }, signal, (sent) =>
      client.messages.press(message, callback, { wait: 'sent', timeout, signal: sent }),
    )
    const pressed = { message, callback, id }
    if (wait === 'sent') return pressed
    const timer = setTimeout(() => over.abort(), ANSWER_TIME)
    const answer = await answerTo(events, id, over.signal).finally(() => clearTimeout(timer))
    signal.throwIfAborted()
    return answer === undefined ? pressed : { ...pressed, answer }
  } finally {
    over.abort()
  }
}

const callbackOf = async (client: Client, id: MessageId, button: string): Promise<string> => {
  const content = (await client.messages.get(id))?.content
  const keyboard: Keyboard = content !== undefined && 'keyboard' in content ? (content.keyboard ?? []) : []
  const buttons = keyboard.flat()
  const named = buttons.find((each) => 'callback' in each && each.callback === button)
  const chosen = named ?? (/^\d+$/.test(button) ? buttons[Number(button) - 1] : undefined)
  if (chosen !== undefined && 'callback' in chosen) return chosen.callback
  throw new DchatError('message/not-permitted', { reason: 'it has no such button' })
}

/** Undefined where nobody answered in time. */
const answerTo = async (
  events: AsyncIterable<ClientEvent>,
  press: MessageId,
  over: AbortSignal,
): Promise<PressAnswer | undefined> => {
  try {
    for await (const event of events)
      if (event.type === 'press-answered' && event.press === press) return { text: event.text, alert: event.alert }
  } catch (error) {
    if (!over.aborted) throw error
  }
  return undefined
}
