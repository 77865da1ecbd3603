import type { ErrorCode } from '../../errors.ts'
import type { SendableContent } from '../../records/content.ts'
import type { Picture, Role } from '../../records/group.ts'
import type { Address, ConversationId, Cursor, MessageId, RelayUrl } from '../../records/ids.ts'
import type { ActOptions, ChangeOptions, Client, Groups, Messages, SendOptions } from '../client.ts'
import type { Connector } from './connector.ts'

/** Options as they travel: a signal becomes a `cancel`. */
export type Plain<T> = Omit<NonNullable<T>, 'signal'>
type Plains = { readonly signal: AbortSignal }

/** What a method works with: the client that has the store, and what connects it. */
export interface Engine {
  readonly client: Client
  readonly connector: Connector
}

type Run = (engine: Engine, signal: AbortSignal, ...args: never[]) => Promise<unknown>
type Begin = (engine: Engine, signal: AbortSignal, ...args: never[]) => AsyncIterable<unknown>

const withSignal = <T extends object>(options: T, signal: AbortSignal): T & Plains => ({ ...options, signal })

/**
 * What another tab may call, and nothing else. Whoever had the store may have ended between a deed and its answer, so
 * each call may be made again: it changes nothing then that one call alone, made later, would not have changed. What is
 * not so by itself carries a `clientId`.
 */
export const CALLS = {
  connect: ({ connector }, signal, options: { timeout?: number }) => connector.connect(withSignal(options, signal)),
  sync: ({ connector }, signal, options: { timeout?: number }) => connector.sync(withSignal(options, signal)),
  'conversations.dm': async ({ client }, signal, peer: Address, options: { relays?: readonly RelayUrl[] }) =>
    (await client.conversations.dm(peer, withSignal(options, signal))).id,
  'conversations.get': ({ client }, _, id: ConversationId) => client.conversations.get(id),
  'conversations.list': ({ client }, _, options: { before?: string; limit?: number }) =>
    client.conversations.list(options),
  'conversations.setTimer': ({ client }, signal, id: ConversationId, seconds: number, options: Plain<ChangeOptions>) =>
    client.conversations.setTimer(id, seconds, withSignal(options, signal)),
  'conversations.markRead': ({ client }, _, id: ConversationId, upTo: MessageId | undefined) =>
    client.conversations.markRead(id, upTo),
  'groups.create': async ({ client }, signal, options: Plain<Parameters<Groups['create']>[0]>) =>
    (await client.groups.create(withSignal(options, signal))).id,
  'groups.add': ({ client }, signal, id: ConversationId, people: readonly Address[], options: Plain<ChangeOptions>) =>
    client.groups.add(id, people, withSignal(options, signal)),
  'groups.remove': (
    { client },
    signal,
    id: ConversationId,
    people: readonly Address[],
    options: Plain<ChangeOptions>,
  ) => client.groups.remove(id, people, withSignal(options, signal)),
  'groups.leave': ({ client }, _, id: ConversationId) => client.groups.leave(id),
  'groups.rename': ({ client }, signal, id: ConversationId, name: string, options: Plain<ChangeOptions>) =>
    client.groups.rename(id, name, withSignal(options, signal)),
  'groups.setPicture': (
    { client },
    signal,
    id: ConversationId,
    picture: Picture | undefined,
    options: Plain<ChangeOptions>,
  ) => client.groups.setPicture(id, picture, withSignal(options, signal)),
  'groups.setRole': (
    { client },
    signal,
    id: ConversationId,
    address: Address,
    role: Role,
    options: Plain<ChangeOptions>,
  ) => client.groups.setRole(id, address, role, withSignal(options, signal)),
  'groups.info': ({ client }, _, id: ConversationId) => client.groups.info(id),
  'groups.invitations': ({ client }) => client.groups.invitations(),
  'groups.accept': async ({ client }, signal, id: ConversationId, options: Plain<ChangeOptions>) =>
    (await client.groups.accept(id, withSignal(options, signal))).id,
  'groups.decline': ({ client }, _, id: ConversationId) => client.groups.decline(id),
  'messages.react': ({ client }, signal, id: MessageId, emoji: string, options: Plain<ActOptions>) =>
    client.messages.react(id, emoji, withSignal(options, signal)),
  'messages.unreact': ({ client }, signal, id: MessageId, emoji: string, options: Plain<ActOptions>) =>
    client.messages.unreact(id, emoji, withSignal(options, signal)),
  'messages.edit': ({ client }, signal, id: MessageId, content: string | SendableContent, options: Plain<ActOptions>) =>
    client.messages.edit(id, content, withSignal(options, signal)),
  'messages.delete': ({ client }, signal, id: MessageId, options: Plain<ActOptions>) =>
    client.messages.delete(id, withSignal(options, signal)),
  'messages.forward': ({ client }, signal, id: MessageId, to: ConversationId, options: Plain<SendOptions>) =>
    client.messages.forward(id, to, withSignal(options, signal)),
  'messages.pin': ({ client }, signal, id: MessageId, options: Plain<ChangeOptions>) =>
    client.messages.pin(id, withSignal(options, signal)),
  'messages.unpin': ({ client }, signal, id: MessageId, options: Plain<ChangeOptions>) =>
    client.messages.unpin(id, withSignal(options, signal)),
  'messages.pinned': ({ client }, _, conversation: ConversationId) => client.messages.pinned(conversation),
  'messages.get': ({ client }, _, id: MessageId) => client.messages.get(id),
  'messages.list': (
    { client },
    _,
    conversation: ConversationId,
    options: { before?: string; after?: string; limit?: number },
  ) => client.messages.list(conversation, options),
  'messages.send': (
    { client },
    signal,
    conversation: ConversationId,
    content: string | SendableContent,
    options: Plain<SendOptions>,
  ) => client.messages.send(conversation, content, withSignal(options, signal)),
  'messages.retry': ({ client }, _, id: MessageId) => client.messages.retry(id),
  'messages.waitFor': (
    { client },
    signal,
    id: MessageId,
    state: 'sent' | 'delivered' | 'read',
    options: { timeout?: number },
  ) => client.messages.waitFor(id, state, withSignal(options, signal)),
  'messages.ack': ({ client }, _, cursor: Cursor, options: { name?: string }) => client.messages.ack(cursor, options),
  'messages.cursor': ({ client }) => client.messages.cursor(),
  'contacts.add': ({ client }, signal, addressOrInvite: string, options: { name?: string }) =>
    client.contacts.add(addressOrInvite, withSignal(options, signal)),
  'contacts.find': ({ client }, _, nameOrAddress: string) => client.contacts.find(nameOrAddress),
  'contacts.list': ({ client }) => client.contacts.list(),
  'contacts.remove': ({ client }, _, address: Address) => client.contacts.remove(address),
} satisfies Readonly<Record<string, Run>>

export const STREAMS = {
  'conversations.stream': ({ client }, signal) => client.conversations.stream({ signal }),
  'messages.changes': ({ client }, signal, options: { conversation?: ConversationId }) =>
    client.messages.changes(withSignal(options, signal)),
  'messages.stream': ({ client }, signal, options: Plain<Parameters<Messages['stream']>[0]>) =>
    client.messages.stream(withSignal(options, signal)),
  'messages.states': ({ client }, signal) => client.messages.states({ signal }),
  'links.states': ({ client }, signal) => client.links.states({ signal }),
  events: ({ client }, signal) => client.events({ signal }),
} satisfies Readonly<Record<string, Begin>>

export type CallName = keyof typeof CALLS
export type StreamName = keyof typeof STREAMS

type Rest<F> = F extends (engine: Engine, signal: AbortSignal, ...args: infer A) => unknown ? A : never
export type CallArgs<N extends CallName> = Rest<(typeof CALLS)[N]>
export type CallResult<N extends CallName> = Awaited<ReturnType<(typeof CALLS)[N]>>
export type StreamArgs<N extends StreamName> = Rest<(typeof STREAMS)[N]>
export type StreamItem<N extends StreamName> =
  ReturnType<(typeof STREAMS)[N]> extends AsyncIterable<infer T> ? T : never

export const isCall = (name: string): name is CallName => Object.hasOwn(CALLS, name)
export const isStream = (name: string): name is StreamName => Object.hasOwn(STREAMS, name)

/** Errors of a repetition that tell that the first attempt did what was asked for. */
export const DONE: Partial<Readonly<Record<CallName, ErrorCode>>> = {
  'groups.leave': 'conversation/not-member',
}

/** Errors of a repetition that tell that the first attempt did something, but not what came of it. */
export const UNSURE: Partial<Readonly<Record<CallName, ErrorCode>>> = {
  // Its words went out as a new message.
  'messages.retry': 'message/unknown',
  // What is forwarded was edited in between.
  'messages.forward': 'message/client-id-reused',
}
