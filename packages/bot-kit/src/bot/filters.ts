import type { BotEvent, EventOf } from '../events/event.ts'

type MessageEvent = EventOf<'message.created'>
type OfferEvent = Extract<BotEvent, { type: `offer.${string}` }>
type Kind = MessageEvent['data']['message']['kind']
type OfKind<K extends Kind> = MessageEvent & { readonly data: { readonly message: { readonly kind: K } } }
type WithCommand = MessageEvent & { readonly data: { readonly message: { readonly command: object } } }

/** What a handler can be for, and what it gets then: names of two levels, the first one alone is all of its kind. */
export interface Filters {
  message: MessageEvent
  'message:text': OfKind<'text'>
  'message:markdown': OfKind<'markdown'>
  /** It begins with a slash and a name. */
  'message:command': WithCommand
  /** It mentions the bot. */
  'message:mention': MessageEvent
  'message:edited': EventOf<'message.edited'>
  'message:deleted': EventOf<'message.deleted'>
  offer: OfferEvent
  /** Terms of somebody else are on the table: it is for the bot to answer. */
  'offer:open': EventOf<'offer.made' | 'offer.countered'>
  'offer:made': EventOf<'offer.made'>
  'offer:countered': EventOf<'offer.countered'>
  'offer:accepted': EventOf<'offer.accepted'>
  'offer:declined': EventOf<'offer.declined'>
  'offer:withdrawn': EventOf<'offer.withdrawn'>
  'offer:settlement': EventOf<'offer.settlement'>
  /** A button was pressed. */
  callback: EventOf<'callback.pressed'>
  /** Somebody asks the bot while they type. */
  inline: EventOf<'inline.query'>
  reaction: EventOf<'reaction.added' | 'reaction.removed'>
  'reaction:added': EventOf<'reaction.added'>
  'reaction:removed': EventOf<'reaction.removed'>
  member: EventOf<'member.joined' | 'member.left'>
  'member:joined': EventOf<'member.joined'>
  'member:left': EventOf<'member.left'>
  'bot:installed': EventOf<'bot.installed'>
  'bot:removed': EventOf<'bot.removed'>
  /** An admin accepted what it reads, for the first time or anew. */
  'bot:scope_changed': EventOf<'bot.scope_changed'>
}

export type Filter = keyof Filters

const ofType =
  (...types: readonly BotEvent['type'][]) =>
  (event: BotEvent): boolean =>
    types.includes(event.type)
const ofMessage = (test: (event: MessageEvent) => boolean) => (event: BotEvent) =>
  event.type === 'message.created' && test(event)

const TESTS: { readonly [F in Filter]: (event: BotEvent) => boolean } = {
  message: ofType('message.created'),
  'message:text': ofMessage(({ data }) => data.message.kind === 'text'),
  'message:markdown': ofMessage(({ data }) => data.message.kind === 'markdown'),
  'message:command': ofMessage(({ data }) => data.message.command !== undefined),
  'message:mention': ofMessage(({ data }) => data.message.mentions?.includes(data.bot) ?? false),
  'message:edited': ofType('message.edited'),
  'message:deleted': ofType('message.deleted'),
  offer: ({ type }) => type.startsWith('offer.'),
  'offer:open': (event) =>
    (event.type === 'offer.made' || event.type === 'offer.countered') &&
    event.data.offer.state === 'open' &&
    !event.data.offer.yours,
  'offer:made': ofType('offer.made'),
  'offer:countered': ofType('offer.countered'),
  'offer:accepted': ofType('offer.accepted'),
  'offer:declined': ofType('offer.declined'),
  'offer:withdrawn': ofType('offer.withdrawn'),
  'offer:settlement': ofType('offer.settlement'),
  callback: ofType('callback.pressed'),
  inline: ofType('inline.query'),
  reaction: ofType('reaction.added', 'reaction.removed'),
  'reaction:added': ofType('reaction.added'),
  'reaction:removed': ofType('reaction.removed'),
  member: ofType('member.joined', 'member.left'),
  'member:joined': ofType('member.joined'),
  'member:left': ofType('member.left'),
  'bot:installed': ofType('bot.installed'),
  'bot:removed': ofType('bot.removed'),
  'bot:scope_changed': ofType('bot.scope_changed'),
}

export const isFilter = (name: string): name is Filter => Object.hasOwn(TESTS, name)

export const matches = (filter: Filter, event: BotEvent): boolean => TESTS[filter](event)
