import type { Address, Arrival, Client, ConversationId, Cursor, InlineQuery, Message } from '@dchat/sdk'
import type { BotEvent, EventOf } from './event.ts'
import { eventIdOf } from './event-id.ts'
import { messageData } from './from-message.ts'
import { offerData, offerEventType } from './from-offer.ts'
import { numberedPress } from './numbered.ts'

type Within = Pick<BotEvent['data'], 'event_id' | 'bot' | 'seq' | 'conversation' | 'sender'>

const isoOf = (at: number): string => new Date(at).toISOString()

const personOf = async ({ contacts }: Client, address: Address) => {
  const { nickname, profile, verification } = await contacts.person(address)
  const name = nickname ?? profile?.name
  return { id: address, ...(name !== undefined && { name }), verified: verification === 'verified' }
}

/** What an event is about: whose it is, and what makes its id. */
interface About {
  readonly from: Address
  readonly device?: string
  readonly at: number
  readonly id: readonly string[]
}

const aboutOf = (arrival: Exclude<Arrival, InlineQuery>): About => {
  const { message, cursor } = arrival
  if (arrival.type === 'message')
    return { from: message.from, device: message.device, at: message.at, id: ['message', message.id] }
  const { by: from, at, type } = arrival
  if (type === 'press') return { from, at, id: [type, arrival.press] }
  // Two of one moment are told apart by their places.
  return { from, at, id: [type, message.id, `${at}`, cursor] }
}

/**
 * The event that tells a bot of an arrival; undefined where there is none, as of a change of a group's picture. Offers and
 * people are told as they stand now.
 */
export const eventOf = async (client: Client, arrival: Arrival): Promise<BotEvent | undefined> => {
  if (arrival.type === 'query') return queryEvent(client, arrival)
  const { message, cursor } = arrival
  const { from, device, at, id } = aboutOf(arrival)
  const timestamp = isoOf(at)
  const person = await personOf(client, from)
  const sender = { ...person, ...(device !== undefined && { device }) }
  const within = await withinOf(client, message.conversation, { id, cursor, sender })
  const told = <Type extends BotEvent['type']>(type: Type, data: object) =>
    ({ v: 1, type, timestamp, data: { ...within, ...data } }) as EventOf<Type>

  switch (arrival.type) {
    case 'edited':
      return told('message.edited', { message: messageData(message) })
    case 'deleted':
      return told('message.deleted', { message_id: message.id })
    case 'reaction': {
      const type = arrival.added ? 'reaction.added' : 'reaction.removed'
      return told(type, { message_id: message.id, emoji: arrival.emoji, message_is_yours: message.own })
    }
    case 'press':
      return told('callback.pressed', { callback_id: arrival.press, message_id: message.id, data: arrival.callback })
    case 'message':
      return createdEvent(client, message, told)
  }
}

const withinOf = async (
  client: Client,
  id: ConversationId,
  about: { readonly id: readonly string[]; readonly cursor: Cursor; readonly sender: Within['sender'] },
): Promise<Within> => {
  const conversation = await client.conversations.get(id)
  return {
    event_id: eventIdOf(...about.id),
    bot: client.address,
    seq: Number(about.cursor),
    conversation: {
      id,
      kind: conversation?.kind ?? 'dm',
      ...(conversation?.title !== undefined && { title: conversation.title }),
    },
    sender: about.sender,
  }
}

const queryEvent = async (client: Client, arrival: InlineQuery): Promise<EventOf<'inline.query'>> => {
  const { query, conversation, cursor, by, at, text } = arrival
  const about = { id: ['query', query], cursor, sender: await personOf(client, by) }
  const within = await withinOf(client, conversation, about)
  return { v: 1, type: 'inline.query', timestamp: isoOf(at), data: { ...within, query_id: query, text } }
}

const createdEvent = async (
  client: Client,
  message: Message,
  told: <Type extends BotEvent['type']>(type: Type, data: object) => EventOf<Type>,
): Promise<BotEvent | undefined> => {
  const { content } = message
  // It was deleted before anybody here read it.
  if (content.type === 'deleted') return undefined
  if (content.type === 'notice') {
    const { notice } = content
    if (notice.kind === 'bot-installed' || notice.kind === 'bot-scope-changed')
      return notice.address === client.address ? told('bot.scope_changed', { read: notice.read }) : undefined
    const people =
      notice.kind === 'added' || notice.kind === 'removed' ? notice.people : notice.kind === 'left' ? [notice.by] : []
    if (people.length === 0) return undefined
    const joined = notice.kind === 'added'
    if (people.includes(client.address)) return told(joined ? 'bot.installed' : 'bot.removed', {})
    const members = await Promise.all(people.map((address) => personOf(client, address)))
    return told(joined ? 'member.joined' : 'member.left', { members })
  }
  if (content.type === 'offer') {
    const type = offerEventType(content)
    const offer = type && (await offerData(client, content.offer))
    if (type && offer) return told(type, { offer, step: content.event, message_id: message.id })
  }
  const pressed = await numberedPress(client, message)
  if (pressed)
    return told('callback.pressed', { callback_id: message.id, message_id: pressed.message, data: pressed.callback })
  return told('message.created', { message: messageData(message) })
}
