import type { LinkState } from '../ports/transport.ts'
import type { Arrival } from '../records/arrival.ts'
import type { AuditReport } from '../records/audit.ts'
import type { PressAnswer, SendableContent } from '../records/content.ts'
import type { Conversation } from '../records/conversation.ts'
import type { ConversationHubs, GroupInfo, Invitation, Keepers, Picture, Role } from '../records/group.ts'
import type { Address, ConversationId, Cursor, DeviceId, MessageId, RelayUrl } from '../records/ids.ts'
import type { InlineAnswer } from '../records/inline.ts'
import type { Action, Message, PendingAction } from '../records/message.ts'
import type { OfferEventId, OfferThreadId } from '../records/offer.ts'
import type { RelayHealth } from '../records/relay.ts'
import type { Abortable } from '../util/abort.ts'
import type { Backups } from './api/backup.ts'
import type { Bots } from './api/bots.ts'
import type { ChangeOptions } from './api/change-options.ts'
import type { Devices } from './api/devices.ts'
import type { History } from './api/history.ts'
import type { HomeRelays } from './api/home-relays.ts'
import type { Listings } from './api/listings.ts'
import type { Notifications } from './api/notifications.ts'
import type { Offers } from './api/offers.ts'
import type { Page } from './api/page.ts'
import type { Contacts, Profiles } from './api/people.ts'
import type { PersonalConversations, SettingsApi } from './api/personal.ts'
import type { Presence } from './api/presence.ts'
import type { Search } from './api/search.ts'

export type { BackupProgress, Backups } from './api/backup.ts'
export type { Bots } from './api/bots.ts'
export type { ChangeOptions } from './api/change-options.ts'
export type { Devices, PendingLink } from './api/devices.ts'
export type { History } from './api/history.ts'
export type { HomeOptions, HomeRelays } from './api/home-relays.ts'
export type { Listings } from './api/listings.ts'
export type { Notifications } from './api/notifications.ts'
export type { Page } from './api/page.ts'
export type { Contacts, Profiles } from './api/people.ts'
export type { PersonalConversations, SettingsApi } from './api/personal.ts'
export type { Presence } from './api/presence.ts'
export type { Search } from './api/search.ts'

export interface SendOptions extends Abortable {
  readonly replyTo?: MessageId
  /** Idempotency key: the same key with the same content returns the first message, with other content it is an error. */
  readonly clientId?: string
  /** Waits until the message is at least there. Default: resolves when the intent is durable ('queued'). */
  readonly wait?: 'sent' | 'delivered'
  /** ms, for `wait`; rejects with `transport/unconfirmed`. */
  readonly timeout?: number
}

/** A conversation in the hand: its record and its verbs. */
export interface Chat {
  readonly id: ConversationId
  send(content: string | SendableContent, options?: SendOptions): Promise<Message>
  record(): Promise<Conversation>
}

export interface Conversations extends PersonalConversations {
  /** The direct message with a person; opened at the next connection if there is none. `relays` are hints of an invite link. */
  dm(peer: Address, options?: Abortable & { relays?: readonly RelayUrl[] }): Promise<Chat>
  get(id: ConversationId): Promise<Conversation | undefined>
  /** Pinned ones in the order of pinning, then the others, newest activity first. */
  list(options?: { before?: string; limit?: number }): Promise<Page<Conversation>>
  stream(options?: Abortable): AsyncIterable<Conversation>
  /** Messages of the conversation disappear so many seconds after their acceptance; 0: they stay. */
  setTimer(id: ConversationId, seconds: number, options?: ChangeOptions): Promise<void>
  /** Where the conversation lives, and where it goes on when that relay is gone (hubs.md). */
  hubs(id: ConversationId): Promise<ConversationHubs>
  /**
   * Names the 1 to 3 relays that may keep the conversation's log, in the order in which they take it over; the present one
   * is among them. In a group its owners and admins may. Rejects with `conversation/not-permitted`, `usage/invalid-argument`,
   * `transport/unreachable` where a new one does not answer, and `conversation/only-hub` where the present one is the only one
   * and does not answer, or was caught at a lie: then nothing can be ordered any more.
   */
  setHubs(id: ConversationId, relays: readonly RelayUrl[], options?: ChangeOptions): Promise<void>
  /**
   * Moves the conversation to another relay of its list, by choice: whoever follows it finds the way in its present log.
   * Who may is the same as for `setHubs`, and so is `conversation/only-hub`.
   */
  moveTo(id: ConversationId, relay: RelayUrl, options?: ChangeOptions): Promise<void>
  /** Marks everything up to the message (default: the last) as read here, and reports it unless reports are off. */
  markRead(id: ConversationId, upTo?: MessageId): Promise<void>
  /**
   * Reads the whole log again that the conversation's relay serves, and holds it against the rules and what this device was
   * told: each entry that breaks one is named. A relay that cannot be asked is no failure; it is named too.
   */
  audit(id: ConversationId, options?: Abortable): Promise<AuditReport>
}

/**
 * Groups (groups.md). A change that the permission table forbids rejects with `conversation/not-permitted`, one of a
 * conversation that this device is not in with `conversation/not-member`, of an unknown one with `conversation/unknown`.
 */
export interface Groups {
  /**
   * A new group with this person as its owner. Durable when it resolves; opens, and asks the people in, at the next
   * connection. Who cannot be reached is told as a `problem` event and can be added again.
   */
  create(
    options: Abortable & {
      readonly name: string
      readonly people?: readonly Address[]
      readonly picture?: Picture
      readonly timer?: number
      /** 1 to 3 relays that may keep its log, the first one first; default: the home relays. */
      readonly relays?: readonly RelayUrl[]
      /** Idempotency key: the same key with the same name and people returns the first group, with others it is an error. */
      readonly clientId?: string
    },
  ): Promise<Chat>
  /** Asks people in: they are members at once and read from here on, and are shown as invited until they accept. */
  add(id: ConversationId, people: readonly Address[], options?: ChangeOptions): Promise<void>
  remove(id: ConversationId, people: readonly Address[], options?: ChangeOptions): Promise<void>
  /** Durable when it resolves. Nothing is sent afterwards; a member takes this person's devices out. */
  leave(id: ConversationId): Promise<void>
  rename(id: ConversationId, name: string, options?: ChangeOptions): Promise<void>
  setPicture(id: ConversationId, picture: Picture | undefined, options?: ChangeOptions): Promise<void>
  setRole(id: ConversationId, address: Address, role: Role, options?: ChangeOptions): Promise<void>
  info(id: ConversationId): Promise<GroupInfo>
  /** Whoever may change the group may do so again without the approval of others: see `GroupInfo.approval`. */
  liftApproval(id: ConversationId, options?: ChangeOptions): Promise<void>
  invitations(): Promise<readonly Invitation[]>
  /** Resolves when this device is in; the other devices of this person follow. */
  accept(id: ConversationId, options?: ChangeOptions): Promise<Chat>
  /** Durable when it resolves; the group is told. */
  decline(id: ConversationId): Promise<void>
}

export interface ActOptions extends Abortable {
  /** Waits until the action stands in the conversation. Default: resolves when it is durable. */
  readonly wait?: 'sent'
  /** ms, for `wait`; rejects with `transport/unconfirmed`. */
  readonly timeout?: number
  /** Idempotency key: the same key with the same action returns the first one, with another it is an error. */
  readonly clientId?: string
}

export interface Messages {
  /** Adds this person's reaction; the same emoji again changes nothing. */
  react(id: MessageId, emoji: string, options?: ActOptions): Promise<Action>
  /** Takes a reaction of this person back; undefined if there was none. */
  unreact(id: MessageId, emoji: string, options?: ActOptions): Promise<Action | undefined>
  /** Own messages only, within a day of their acceptance. Keeps the reply and the place. */
  edit(id: MessageId, content: string | SendableContent, options?: ActOptions): Promise<Action>
  /** Own messages at any time; others' where the role allows it. One that was never sent is just dropped. */
  delete(id: MessageId, options?: ActOptions): Promise<Action>
  /**
   * Presses a button of a message: its author is told which. Rejects with `message/not-permitted` where the message has no
   * such button. An answer comes as the event `press-answered`.
   */
  press(id: MessageId, callback: string, options?: ActOptions): Promise<Action>
  /** Answers a press of an own message's button, to be shown to whoever pressed it. `press`: what `arrivals` told. */
  answerPress(press: MessageId, answer?: Partial<PressAnswer>, options?: ActOptions): Promise<Action>
  /** A copy in another (or the same) conversation, marked as forwarded; it does not tell who wrote it. */
  forward(id: MessageId, to: ConversationId, options?: SendOptions): Promise<Message>
  /** For everybody in the conversation. */
  pin(id: MessageId, options?: ChangeOptions): Promise<void>
  unpin(id: MessageId, options?: ChangeOptions): Promise<void>
  /** In the order of pinning; those that this device does not have are left out. */
  pinned(conversation: ConversationId): Promise<readonly Message[]>
  /** Own reactions, edits and deletions that do not stand yet, in their order; they survive a restart. */
  pending(conversation: ConversationId): Promise<readonly PendingAction[]>
  /** Every change of a message, own or others', after it was stored: edits, reactions, deletions, states. Live only. */
  changes(options?: Abortable & { conversation?: ConversationId }): AsyncIterable<Message>
  get(id: MessageId): Promise<Message | undefined>
  /**
   * A page in the conversation's order, newest first by default; own unsent messages stand at the new end. `before` and
   * `after` are what a page gave as `next`, or the `position` of a message as text: what lies beyond it is given.
   */
  list(
    conversation: ConversationId,
    options?: { before?: string; after?: string; limit?: number },
  ): Promise<Page<Message>>
  send(conversation: ConversationId, content: string | SendableContent, options?: SendOptions): Promise<Message>
  /** Puts a failed message back into the queue; where its room is over, as a new message with a new id. */
  retry(id: MessageId): Promise<Message>
  /** Resolves at the wanted state or a later one. Rejects with `transport/unconfirmed` after `timeout` ms. */
  waitFor(
    id: MessageId,
    state: 'sent' | 'delivered' | 'read',
    options?: Abortable & { timeout?: number },
  ): Promise<Message>
  /**
   * Others' messages as they arrive, from a stored cursor: what came while nobody listened comes first.
   * A message is acknowledged when the next one is asked for (or by `ack`, with `manual: true`).
   * `name` keeps several independent cursors; `after: 'now'` skips the past; `own: true` includes own sent ones.
   */
  stream(
    options?: Abortable & {
      name?: string
      after?: Cursor | 'now' | 'start'
      conversation?: ConversationId
      own?: boolean
      manual?: boolean
      /** Ends instead of waiting when everything stored was handed out. */
      once?: boolean
    },
  ): AsyncIterable<Message>
  ack(cursor: Cursor, options?: { name?: string }): Promise<void>
  /**
   * Everything that others do, in the order of arrival, from a stored cursor as `stream` has it: messages, edits,
   * deletions, reactions, and presses of own buttons. What is done to messages is kept from the first call with a `name`
   * on, until all names have acknowledged it.
   */
  arrivals(
    options?: Abortable & {
      name?: string
      after?: Cursor | 'now' | 'start'
      conversation?: ConversationId
      manual?: boolean
      once?: boolean
    },
  ): AsyncIterable<Arrival>
  /** The place of the newest arrival: a stream `after` it gives what comes from now on. */
  cursor(): Promise<Cursor>
  /** State changes of own messages, live only. */
  states(options?: Abortable): AsyncIterable<Message>
}

/** What a bot finds while somebody types, in whatever conversation they are: the bot sees the words, and not the room. */
export interface Inline {
  /**
   * Asks the bot of a direct message; 256 characters at most. Rejects with `transport/unconfirmed` where no answer comes
   * within `timeout` ms (10,000), with `conversation/unknown` where there is no such direct message.
   */
  query(
    conversation: ConversationId,
    text: string,
    options?: Abortable & { readonly timeout?: number },
  ): Promise<InlineAnswer>
  /** Answers a query that `messages.arrivals` told, once. Rejects with `message/unknown` where nobody waits for it. */
  answer(query: MessageId, answer: InlineAnswer): Promise<void>
}

export interface Links {
  list(): readonly { relay: RelayUrl; state: LinkState }[]
  states(options?: Abortable): AsyncIterable<{ relay: RelayUrl; state: LinkState }>
  /**
   * What the clock of a home relay is ahead of this device's, ms; negative: behind. Messages are ordered and offers expire
   * by the relay's. undefined where none can be asked now. Asked for at most every ten minutes.
   */
  ahead(): Promise<number | undefined>
  /** The home relays and those that keep this person's conversations, with how they have done: measured while connected. */
  health(): Promise<readonly RelayHealth[]>
  /** The same now, and again whenever it changes. */
  healthStream(options?: Abortable): AsyncIterable<readonly RelayHealth[]>
  /**
   * Uses an invitation (`wss://relay.example#…`) to a relay that takes people by invitation: from then on it knows this
   * identity, and can be a home relay. At a relay that knows it already the invitation is not used up. With the address
   * alone it asks whether the relay takes this identity as it is. Resolves to the relay. Throws `relay/not-invited`,
   * `usage/invalid-argument`, `transport/unreachable`.
   */
  join(invitation: string, options?: Abortable & { readonly timeout?: number }): Promise<RelayUrl>
}

/** Things that happen and that no call asked for. */
export type ClientEvent =
  /** Entries that this device cannot see: trimmed, or from before it joined. */
  | { readonly type: 'gap'; readonly conversation: ConversationId; readonly from: number; readonly to: number }
  | { readonly type: 'void'; readonly conversation: ConversationId; readonly seq: number; readonly reason: string }
  | { readonly type: 'rejoin'; readonly conversation: ConversationId; readonly state: 'asked' | 'done' }
  /** Commits of this conversation wait for the approval of these people's devices from here on; without `by`: no more. */
  | { readonly type: 'approval'; readonly conversation: ConversationId; readonly by?: Keepers }
  /** Messages whose time is over are gone from this device, or notices of what does not stand any more (hubs.md). */
  | { readonly type: 'expired'; readonly conversation: ConversationId; readonly messages: readonly MessageId[] }
  /** Somebody whom this person allowed asks it into a group. */
  | { readonly type: 'invitation'; readonly conversation: ConversationId; readonly from: Address }
  /** A stranger wants to write, or asks this person into a group: see `contacts.requests`. */
  | { readonly type: 'request'; readonly conversation: ConversationId; readonly from: Address }
  /** More strangers ask than are kept: those who asked first are forgotten. Told once until the list is shorter. */
  | { readonly type: 'requests-dropped' }
  /** Somebody told something new of themselves: see `contacts.person`. */
  | { readonly type: 'profile'; readonly address: Address }
  /** The keys of somebody whom this person verified were replaced, or their log forked: compare again. */
  | { readonly type: 'verification-changed'; readonly address: Address }
  | { readonly type: 'device-added'; readonly address: Address; readonly device: DeviceId }
  /** An own device is out. If it is this one, nothing more is sent or fetched here: `identity/device-revoked`. */
  | { readonly type: 'device-revoked'; readonly device: DeviceId }
  /** This device gives the past to another own one: messages so far, of about so many; `done`: all that it has. */
  | {
      readonly type: 'history-given'
      readonly device: DeviceId
      readonly messages: number
      readonly total: number
      readonly done: boolean
    }
  | { readonly type: 'identity-frozen'; readonly address: Address }
  /**
   * A relay was caught at something that no honest one does (hostile-relays.md): what it said there was not taken over.
   * `conversations.audit` tells more.
   */
  | {
      readonly type: 'relay-fault'
      readonly relay: RelayUrl
      readonly code: string
      readonly conversation?: ConversationId
      /** The place in the relay's log of the conversation. */
      readonly seq?: number
    }
  /** The rail of an own request for payment tells how it goes; only 'paid' counts, and then its step follows. */
  | {
      readonly type: 'payment'
      readonly offer: OfferThreadId
      readonly deal: OfferEventId
      readonly request: string
      readonly state: 'seen' | 'paid' | 'expired' | 'failed'
    }
  /** The author of buttons says something to an own press, for this person alone. */
  | ({
      readonly type: 'press-answered'
      readonly conversation: ConversationId
      readonly message: MessageId
      /** What `messages.press` gave. */
      readonly press: MessageId
    } & PressAnswer)
  /** A bot found something for what this person types: what `inline.query` waits for. */
  | ({
      readonly type: 'query-answered'
      readonly conversation: ConversationId
      readonly query: MessageId
    } & InlineAnswer)
  /** A bot came into a group, or may read something else there; see `bots.list`. */
  | {
      readonly type: 'bot-installed' | 'bot-scope-changed' | 'bot-removed'
      readonly conversation: ConversationId
      readonly address: Address
      readonly by: Address
    }
  /** The identity is at home at other relays, or in another order, or one that it left is read no more. */
  | { readonly type: 'home-relays'; readonly relays: readonly RelayUrl[] }
  /**
   * A home relay takes people by invitation: it refused this one, each time that it is asked, or took them in the end. The
   * other home relays serve meanwhile.
   */
  | { readonly type: 'relay-admission'; readonly relay: RelayUrl; readonly admitted: boolean }
  | { readonly type: 'problem'; readonly code: string; readonly message: string }
  /**
   * In browsers: another tab works for this one from now on (or this one for itself). What is told live only, changes,
   * states and events, may have been missed: read again what is shown.
   */
  | { readonly type: 'owner-changed' }

export interface Client {
  readonly address: Address
  readonly device: DeviceId
  readonly conversations: Conversations
  readonly groups: Groups
  readonly messages: Messages
  readonly contacts: Contacts
  readonly profiles: Profiles
  readonly settings: SettingsApi
  readonly presence: Presence
  readonly notifications: Notifications
  readonly inline: Inline
  readonly bots: Bots
  readonly offers: Offers
  readonly listings: Listings
  readonly backup: Backups
  readonly search: Search
  readonly devices: Devices
  readonly history: History
  readonly links: Links
  readonly homeRelays: HomeRelays
  /**
   * Starts the links and works until `close`; resolves when a home relay is ready and what it held is read. Rejects with
   * `relay/not-invited` where every home relay that answers takes people by invitation, and none knows this one.
   */
  connect(options?: Abortable & { timeout?: number }): Promise<void>
  /**
   * Resolves when everything that the relays hold now is stored, and what was queued is sent or has failed. Conversations at a
   * relay that is away catch up when it is back. Where one takes the connection and says nothing, or went before it took what is
   * queued, it ends with what the others hold, within half a minute, and rejects with `transport/unreachable`, which names it.
   */
  sync(options?: Abortable & { timeout?: number }): Promise<void>
  /** An invite link: address and home relays, never authority. */
  invite(): string
  /** The home relays, the first one first. */
  relays(): readonly RelayUrl[]
  events(options?: Abortable): AsyncIterable<ClientEvent>
  /** Flushes coalesced reports if connected, then releases everything. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
