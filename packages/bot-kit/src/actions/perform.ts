import {
  type Client,
  type ConversationId,
  DchatError,
  isDchatError,
  type Message,
  type MessageId,
  type SendableContent,
} from '@dchat/sdk'
import type { z } from 'zod'
import { type Action, actionSchema } from './action.ts'
import { performOffer } from './perform-offer.ts'

/** Where actions take place, and what they answer: an event's id, or that of a request. */
export interface Place {
  readonly conversation: ConversationId
  /** Names of actions hold within it: the same name of the same scope never acts twice. At most 100 characters. */
  readonly scope: string
  readonly signal?: AbortSignal
}

export interface Performed {
  readonly do: Action['do']
  /** The message that was sent, or that carries a step of an offer. */
  readonly message_id?: string
  /** Of a step of an offer. */
  readonly offer_id?: string
}

type Said = Pick<Extract<z.output<typeof actionSchema>, { do: 'send' }>, 'text' | 'format' | 'keyboard'>

const contentOf = ({ text, format, keyboard }: Said, replyTo?: string): SendableContent => ({
  ...(format === 'markdown' ? { type: format, markdown: text } : { type: format, text }),
  ...(keyboard && { keyboard }),
  ...(replyTo !== undefined && { replyTo: replyTo as MessageId }),
})

/** A bot acts on messages of the conversation that it answers in. Throws `message/unknown`. */
const messageIn = async (client: Client, id: string, { conversation }: Place): Promise<MessageId> => {
  const message = await client.messages.get(id as MessageId)
  if (message?.conversation !== conversation) throw new DchatError('message/unknown', { messageId: id })
  return message.id
}

/** What was sent with a client id, newest first: asked for only where an event is handled again. */
export const sentWith = async (
  client: Client,
  clientId: string,
  conversation: ConversationId,
): Promise<Message | undefined> => {
  let before: string | undefined
  do {
    const page = await client.messages.list(conversation, { limit: 100, ...(before !== undefined && { before }) })
    const found = page.items.find((message) => message.clientId === clientId)
    if (found) return found
    before = page.next
  } while (before !== undefined)
  return undefined
}

/**
 * Does what an action says. `name` is its name within the scope where it has none (`client_id`). An event that is handled
 * again may say something else than the first time: what was done then stands.
 * Throws `usage/invalid-argument` for an action that is none, `message/unknown`, and what the client throws.
 */
export const perform = async (client: Client, given: Action, place: Place, name: string): Promise<Performed> => {
  const parsed = actionSchema.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw new DchatError('usage/invalid-argument', {
      name: `actions.${[name, ...(issue?.path ?? [])].join('.')}`,
      reason: issue?.message ?? 'it is no action',
    })
  }
  const action = parsed.data
  const { messages } = client
  const clientId = `${place.scope}/${'client_id' in action ? (action.client_id ?? name) : name}`
  const { signal } = place
  const options = { clientId, ...(signal && { signal }) }
  try {
    switch (action.do) {
      case 'send': {
        const sent = await messages.send(place.conversation, contentOf(action, action.reply_to), options)
        return { do: 'send', message_id: sent.id }
      }
      case 'edit':
        await messages.edit(await messageIn(client, action.message_id, place), contentOf(action), options)
        break
      case 'delete':
        await messages.delete(await messageIn(client, action.message_id, place), options)
        break
      case 'react':
        await messages.react(await messageIn(client, action.message_id, place), action.emoji, options)
        break
      case 'typing':
        await client.presence.typing(place.conversation)
        break
      case 'answer_callback': {
        const press = action.callback_id as MessageId
        const { alert, text } = action
        // Pressed by the number of a button: a message, whose author sees no notes.
        const replyTo = (await messages.get(press))?.id
        if (replyTo === undefined)
          await messages.answerPress(press, { alert, ...(text !== undefined && { text }) }, options)
        else if (text) {
          const named = await messageIn(client, replyTo, place)
          await messages.send(place.conversation, contentOf({ text, format: 'text' }, named), options)
        }
        break
      }
      case 'answer_inline': {
        const results = action.results.map(({ description, ...result }) => ({
          ...result,
          ...(description !== undefined && { description }),
        }))
        await client.inline.answer(action.query_id as MessageId, { results, cacheSeconds: action.cache_s })
        break
      }
      case 'offer_make':
      case 'offer_counter':
      case 'offer_accept':
      case 'offer_decline':
      case 'offer_withdraw': {
        const { message, offer } = await performOffer(client, action, place.conversation, options)
        return { do: action.do, message_id: message, offer_id: offer }
      }
      case 'none':
        break
    }
  } catch (error) {
    // Answered before, or nobody waits for it any more.
    if (action.do === 'answer_inline' && isDchatError(error, 'message/unknown')) return { do: action.do }
    if (!isDchatError(error, 'message/client-id-reused')) throw error
    const isSaid = action.do === 'send' || action.do.startsWith('offer_')
    const sent = isSaid ? await sentWith(client, clientId, place.conversation) : undefined
    const offer = sent?.content.type === 'offer' ? { offer_id: sent.content.offer } : {}
    return { do: action.do, ...(sent && { message_id: sent.id }), ...offer }
  }
  return { do: action.do }
}

/** A list of actions, one after the other: of a webhook's answer, or of `POST /v1/actions`. Stops at the first error. */
export const performAll = async (
  client: Client,
  actions: readonly Action[],
  place: Place,
): Promise<readonly Performed[]> => {
  const done: Performed[] = []
  for (const [index, action] of actions.entries()) done.push(await perform(client, action, place, `${index}`))
  return done
}
