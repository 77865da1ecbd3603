import type { LinkState } from '../ports/transport.ts'
import type { SendableContent } from '../records/content.ts'
import type { Contact, Conversation } from '../records/conversation.ts'
import type { GroupInfo, Invitation, Picture, Role } from '../records/group.ts'
import type { Address, ConversationId, Cursor, DeviceId, MessageId, RelayUrl } from '../records/ids.ts'
import type { Action, Message } from '../records/message.ts'
import type { Abortable } from '../util/abort.ts'

export interface Page<T> {
  readonly items: readonly T[]
  /** Give it back as `before` (or `after`) for the next page; absent at the end. */
  readonly next?: string
}

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

export interface Conversations {
  /** The direct message with a person; opened at the next connection if there is none. `relays` are hints of an invite link. */
  dm(peer: Address, options?: Abortable & { relays?: readonly RelayUrl[] }): Promise<Chat>
  get(id: ConversationId): Promise<Conversation | undefined>
  /** Newest activity first. */
  list(options?: { before?: string; limit?: number }): Promise<Page<Conversation>>
  stream(options?: Abortable): AsyncIterable<Conversation>
  /** Messages of the conversation disappear so many seconds after their acceptance; 0: they stay. */
  setTimer(id: ConversationId, seconds: number, options?: ChangeOptions): Promise<void>
  /** Marks everything up to the message (default: the last) as read here, and reports it unless reports are off. */
  markRead(id: ConversationId, upTo?: MessageId): Promise<void>
}

/** Verbs of groups. Each resolves when the change stands in the conversation, for everybody; none is kept for later. */
export interface ChangeOptions extends Abortable {
  /** ms; rejects with `transport/unconfirmed`. Default 60,000. */
  readonly timeout?: number
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
  /** A copy in another (or the same) conversation, marked as forwarded; it does not tell who wrote it. */
  forward(id: MessageId, to: ConversationId, options?: SendOptions): Promise<Message>
  /** For everybody in the conversation. */
  pin(id: MessageId, options?: ChangeOptions): Promise<void>
  unpin(id: MessageId, options?: ChangeOptions): Promise<void>
  /** In the order of pinning; those that this device does not have are left out. */
  pinned(conversation: ConversationId): Promise<readonly Message[]>
  /** Every change of a message, own or others', after it was stored: edits, reactions, deletions, states. Live only. */
  changes(options?: Abortable & { conversation?: ConversationId }): AsyncIterable<Message>
  get(id: MessageId): Promise<Message | undefined>
  /** A page in the conversation's order, newest first by default; own unsent messages stand at the new end. */
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
  /** The place of the newest arrival: a stream `after` it gives what comes from now on. */
  cursor(): Promise<Cursor>
  /** State changes of own messages, live only. */
  states(options?: Abortable): AsyncIterable<Message>
}

export interface Contacts {
  /** From an address or an invite link; looks the log up when connected (`identity/unknown-peer`). */
  add(addressOrInvite: string, options?: Abortable & { name?: string }): Promise<Contact>
  /** By address, invite link or contact name; undefined if there is none. */
  find(nameOrAddress: string): Promise<Contact | undefined>
  list(): Promise<readonly Contact[]>
  remove(address: Address): Promise<void>
}

export interface Links {
  list(): readonly { relay: RelayUrl; state: LinkState }[]
  states(options?: Abortable): AsyncIterable<{ relay: RelayUrl; state: LinkState }>
}

/** Things that happen and that no call asked for. */
export type ClientEvent =
  /** Entries that this device cannot see: trimmed, or from before it joined. */
  | { readonly type: 'gap'; readonly conversation: ConversationId; readonly from: number; readonly to: number }
  | { readonly type: 'void'; readonly conversation: ConversationId; readonly seq: number; readonly reason: string }
  | { readonly type: 'rejoin'; readonly conversation: ConversationId; readonly state: 'asked' | 'done' }
  /** Messages whose time is over are gone from this device. */
  | { readonly type: 'expired'; readonly conversation: ConversationId; readonly messages: readonly MessageId[] }
  | { readonly type: 'invitation'; readonly conversation: ConversationId; readonly from: Address }
  | { readonly type: 'device-added'; readonly address: Address; readonly device: DeviceId }
  | { readonly type: 'identity-frozen'; readonly address: Address }
  | { readonly type: 'relay-fault'; readonly relay: RelayUrl; readonly code: string }
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
  readonly links: Links
  /** Starts the links and works until `close`; resolves when a home relay is ready and what it held is read. */
  connect(options?: Abortable & { timeout?: number }): Promise<void>
  /** Resolves when everything that the relays hold now is stored, and what was queued is sent or has failed. */
  sync(options?: Abortable & { timeout?: number }): Promise<void>
  /** An invite link: address and home relays, never authority. */
  invite(): string
  relays(): readonly RelayUrl[]
  events(options?: Abortable): AsyncIterable<ClientEvent>
  /** Flushes coalesced reports if connected, then releases everything. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}
