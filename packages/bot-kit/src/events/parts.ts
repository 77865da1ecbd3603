import type { BotEvent, EventOf } from './event.ts'

export type MessageData = EventOf<'message.created'>['data']['message']
export type OfferData = EventOf<'offer.made'>['data']['offer']

/** The message that an event tells of. */
export const messageOf = (event: BotEvent): MessageData | undefined =>
  event.type === 'message.created' || event.type === 'message.edited' ? event.data.message : undefined

export const offerOf = (event: BotEvent): OfferData | undefined => {
  switch (event.type) {
    case 'offer.made':
    case 'offer.countered':
    case 'offer.accepted':
    case 'offer.declined':
    case 'offer.withdrawn':
    case 'offer.settlement':
      return event.data.offer
    default:
      return undefined
  }
}

export const pressOf = (event: BotEvent): { readonly id: string; readonly data: string } | undefined =>
  event.type === 'callback.pressed' ? { id: event.data.callback_id, data: event.data.data } : undefined

/** The message that an event is about. */
export const targetOf = (event: BotEvent): string | undefined => {
  switch (event.type) {
    case 'message.created':
    case 'message.edited':
      return event.data.message.id
    case 'bot.installed':
    case 'bot.removed':
    case 'bot.scope_changed':
    case 'inline.query':
    case 'member.joined':
    case 'member.left':
      return undefined
    default:
      return event.data.message_id
  }
}
