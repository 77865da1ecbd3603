import { z } from 'zod'

/**
 * Events as bots get them, in process and by webhook alike (docs/bots.md): JSON, snake_case, times in ISO 8601 (UTC).
 * Receivers ignore types, fields and enum values that they do not know: later versions add some.
 */

const time = z.iso.datetime().describe('ISO 8601, UTC')
const address = z.string().describe('dchat1…')
const messageId = z.string().describe('64 hexadecimal characters')

const conversation = z
  .looseObject({
    id: z.string(),
    kind: z.enum(['dm', 'group']),
    title: z.string().optional().describe("A group's name; the name of the other person of a direct message"),
  })
  .meta({ id: 'Conversation' })

const person = z
  .looseObject({
    id: address,
    name: z.string().optional().describe('The name of their profile, or the nickname that the bot gave'),
    device: z.string().optional().describe('The device that did it'),
    verified: z.boolean().optional().describe('The bot has compared safety numbers with them'),
  })
  .meta({ id: 'Person' })

const button = z
  .union([
    z.looseObject({ text: z.string(), callback: z.string().describe('At most 64 bytes of UTF-8') }),
    z.looseObject({ text: z.string(), url: z.url({ protocol: /^https$/ }) }),
  ])
  .meta({ id: 'Button' })

/** Rows of buttons, from top to bottom. */
export const keyboardSchema = z.array(z.array(button).min(1)).min(1).meta({ id: 'Keyboard' })

const message = z
  .looseObject({
    id: messageId,
    sent_at: time,
    kind: z.enum(['text', 'markdown', 'offer', 'unknown']),
    text: z.string().describe('What it says; of other kinds, the sentence that stands for it'),
    edited_at: time.optional(),
    reply_to: messageId.optional(),
    mentions: z.array(address).optional(),
    command: z
      .looseObject({ name: z.string(), args: z.array(z.string()) })
      .optional()
      .describe('Where the text begins with /name'),
    keyboard: keyboardSchema.optional(),
  })
  .meta({ id: 'Message' })

const money = z.looseObject({ minor: z.string(), currency: z.string(), exponent: z.int() }).meta({ id: 'Money' })

const offer = z
  .looseObject({
    id: z.string(),
    state: z.string().describe('open, agreed, declined, withdrawn, expired, …'),
    head: z.string().describe('The step that holds the live terms: answers name it'),
    role: z.string().describe('What the person does who made it: sell, buy, service or swap'),
    yours: z.boolean().describe('The bot wrote the live terms: it is for others to answer'),
    total: money,
    items: z.array(
      z.looseObject({ title: z.string(), quantity: z.int(), unit_price: money.optional(), id: z.string() }),
    ),
    text: z.string().optional(),
    listing: z.string().optional(),
    expires_at: time.optional(),
    deal: z.string().optional().describe('The step that concluded it'),
  })
  .meta({ id: 'Offer' })

/** What all events of a conversation tell. */
const within = {
  event_id: z.string().describe('The same over retries and restarts: handle each once'),
  bot: address,
  seq: z.int().describe('Grows with each event of this bot'),
  conversation,
  sender: person,
  reply_token: z.string().optional().describe('Lets `POST /v1/actions` act in this conversation until it expires'),
  reply_expires_at: time.optional(),
  shortened: z
    .array(z.string())
    .optional()
    .describe('Behind a webhook: parts of `data` that are cut, because a body has at most 20,000 bytes'),
}

const event = <Type extends string, Data extends z.ZodRawShape>(type: Type, data: Data) =>
  z.looseObject({
    v: z.literal(1),
    type: z.literal(type),
    timestamp: time,
    data: z.looseObject({ ...within, ...data }),
  })

const offerStep = { offer, step: z.string(), message_id: messageId }

/** The events of conversations. */
export const eventSchema = z.discriminatedUnion('type', [
  event('message.created', { message }),
  event('message.edited', { message }),
  event('message.deleted', { message_id: messageId }),
  event('reaction.added', { message_id: messageId, emoji: z.string(), message_is_yours: z.boolean() }),
  event('reaction.removed', { message_id: messageId, emoji: z.string(), message_is_yours: z.boolean() }),
  event('callback.pressed', { callback_id: z.string(), message_id: messageId, data: z.string() }),
  event('inline.query', {
    query_id: z.string(),
    text: z.string().describe('What somebody types, in whatever conversation'),
  }),
  event('member.joined', { members: z.array(person) }),
  event('member.left', { members: z.array(person) }),
  event('bot.installed', {}),
  event('bot.removed', {}),
  event('bot.scope_changed', {
    read: z
      .union([z.literal('all'), z.array(z.enum(['commands', 'mentions', 'replies']))])
      .describe('What the bot reads here from now on, as an admin accepted it'),
  }),
  event('offer.made', offerStep),
  event('offer.countered', offerStep),
  event('offer.accepted', offerStep),
  event('offer.declined', offerStep),
  event('offer.withdrawn', offerStep),
  event('offer.settlement', offerStep),
])

export type BotEvent = z.infer<typeof eventSchema>
export type EventType = BotEvent['type']
export type EventOf<Type extends EventType> = Extract<BotEvent, { type: Type }>
export type Keyboard = z.infer<typeof keyboardSchema>
