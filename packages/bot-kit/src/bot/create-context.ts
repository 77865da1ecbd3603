import { type Client, type Clock, DchatError } from '@dchat/sdk'
import type { Action } from '../actions/action.ts'
import type { Performed } from '../actions/perform.ts'
import type { BotEvent } from '../events/event.ts'
import { messageOf, offerOf, pressOf, targetOf } from '../events/parts.ts'
import type { BotStore } from '../store/bot-store.ts'
import type { Context, Sent } from './context.ts'
import { beginForm } from './form.ts'
import type { OfferVerbs } from './offer-verbs.ts'
import type { BotLog } from './options.ts'
import { saidOf } from './say.ts'

/** How verbs come about: a client does them at once, an answer to a webhook lists them. */
export interface Doing {
  act(action: Action, name: string): Promise<Performed>
  /** What was said, as a handler may name it later. */
  sent(performed: Performed): Sent
  offerVerbs(name: () => string): OfferVerbs
}

/** What contexts of one run of a bot share. */
export interface Running {
  /** Throws where there is none. */
  readonly client: Client
  doing(event: BotEvent, signal: AbortSignal): Doing
  readonly store: BotStore
  readonly clock: Clock
  readonly onLog?: (entry: BotLog) => void
  /** Waits until the bot may send one more message there. */
  place(conversation: BotEvent['data']['conversation'], signal: AbortSignal): Promise<void>
}

const refuse = (name: string, reason: string) => new DchatError('usage/invalid-argument', { name, reason })
const idOf = (message: string | Sent): string => (typeof message === 'string' ? message : message.id)

/** The event's parts under the names of contexts. */
const partsOf = (event: BotEvent): Partial<Context> => {
  const message = messageOf(event)
  const offer = offerOf(event)
  const press = pressOf(event)
  return {
    ...(message && { message, text: message.text }),
    ...(message?.command && { command: message.command }),
    ...(offer && { offer }),
    ...(press && { press }),
    ...(event.type === 'inline.query' && { query: { id: event.data.query_id, text: event.data.text } }),
  }
}

/** A context in which each verb has a name of its own within the event: its number. */
export const createContext = (event: BotEvent, running: Running, signal: AbortSignal): Context => {
  const { store } = running
  const doing = running.doing(event, signal)
  const { conversation, sender, event_id: scope } = event.data
  const target = targetOf(event)
  let count = 0
  /** Names of verbs, apart from those of webhooks, which answer the same event by numbers alone. */
  const name = () => `bot-${count++}`
  const act = (action: Action): Promise<Performed> => {
    running.onLog?.({ type: 'action', eventId: scope, action })
    return doing.act(action, name())
  }
  const send = async (action: Omit<Extract<Action, { do: 'send' }>, 'do'>): Promise<Sent> => {
    await running.place(conversation, signal)
    return doing.sent(await act({ do: 'send', ...action }))
  }
  const context: Context = {
    event,
    get client() {
      return running.client
    },
    conversation,
    from: sender,
    ...partsOf(event),
    store,
    signal,
    reply: (saying) =>
      send({ ...saidOf(saying), ...(conversation.kind === 'group' && target !== undefined && { reply_to: target }) }),
    send: (saying) => send(saidOf(saying)),
    edit: async (message, saying) => {
      await act({ do: 'edit', message_id: idOf(message), ...saidOf(saying) })
    },
    delete: async (message) => {
      await act({ do: 'delete', message_id: idOf(message) })
    },
    react: async (emoji, message = target) => {
      if (message === undefined) throw refuse('react', 'this event is about no message')
      await act({ do: 'react', message_id: idOf(message), emoji })
    },
    answer: async (text, { alert = false } = {}) => {
      const press = pressOf(event)
      if (press === undefined) throw refuse('answer', 'this event is no press')
      await act({ do: 'answer_callback', callback_id: press.id, alert, ...(text !== undefined && { text }) })
    },
    results: async (found, { cacheSeconds: cache_s = 0 } = {}) => {
      if (event.type !== 'inline.query') throw refuse('results', 'this event is no query')
      const results = found.map((result) => ({ ...result }))
      await act({ do: 'answer_inline', query_id: event.data.query_id, results, cache_s })
    },
    typing: async () => {
      await act({ do: 'typing' })
    },
    ask: (form) => beginForm(form, context),
    ...doing.offerVerbs(name),
  }
  return context
}
