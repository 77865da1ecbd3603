import type { ErrorCode } from '../../errors.ts'
import type { LinkRequest } from '../../records/device.ts'
import type { Address, ConversationId, RelayUrl } from '../../records/ids.ts'
import type { ChangeOptions, Client, Groups } from '../client.ts'
import type { Connector } from './connector.ts'
import { parcels } from './parcels.ts'

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

type Noun = Exclude<
  keyof Client & string,
  'address' | 'device' | 'connect' | 'sync' | 'invite' | 'relays' | 'events' | 'close'
>
type Verb<N extends Noun> = keyof Client[N] & string
type Called<N extends Noun, V> =
  V extends Verb<N>
    ? Client[N][V] extends (...args: infer A) => infer R
      ? { readonly args: A; readonly result: R }
      : never
    : never
/** The last argument are options: they travel without their signal. */
type WithPlain<A extends readonly unknown[]> =
  Required<A> extends readonly [...infer Head, infer Last] ? [...Head, Plain<Last>] : never

type Prepare = (args: readonly unknown[], signal: AbortSignal) => readonly unknown[]

const forEach = (noun: Noun, verbs: readonly string[], prepare: Prepare): unknown =>
  Object.fromEntries(
    verbs.map((verb) => [
      `${noun}.${verb}`,
      ({ client }: Engine, signal: AbortSignal, ...args: readonly unknown[]) =>
        (client[noun] as unknown as Record<string, (...args: readonly unknown[]) => unknown>)[verb]?.(
          ...prepare(args, signal),
        ),
    ]),
  )

/** Verbs that are called as they are. */
const direct = <N extends Noun, const V extends readonly Verb<N>[]>(noun: N, ...verbs: V) =>
  forEach(noun, verbs, (args) => args) as {
    readonly [K in V[number] as `${N}.${K}`]: (
      engine: Engine,
      signal: AbortSignal,
      ...args: Called<N, K>['args']
    ) => Called<N, K>['result']
  }

/** Verbs whose last argument are options, with the caller's signal among them. */
const cancellable = <N extends Noun, const V extends readonly Verb<N>[]>(noun: N, ...verbs: V) =>
  forEach(noun, verbs, (args, signal) => [
    ...args.slice(0, -1),
    { ...(args[args.length - 1] as object | undefined), signal },
  ]) as {
    readonly [K in V[number] as `${N}.${K}`]: (
      engine: Engine,
      signal: AbortSignal,
      ...args: WithPlain<Called<N, K>['args']>
    ) => Called<N, K>['result']
  }

/** Streams that take nothing but a signal. */
const live = <N extends Noun, const V extends readonly Verb<N>[]>(noun: N, ...verbs: V) =>
  cancellable(noun, ...verbs) as unknown as {
    readonly [K in V[number] as `${N}.${K}`]: (engine: Engine, signal: AbortSignal) => Called<N, K>['result']
  }

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
  ...direct('conversations', 'get', 'list', 'hubs', 'markRead', 'setDraft', 'setPinned', 'setArchived', 'setNotify'),
  ...cancellable('conversations', 'setTimer', 'setHubs', 'moveTo', 'audit'),
  ...direct('history', 'progress', 'request', 'archive'),
  ...direct('settings', 'get', 'set'),
  'groups.create': async ({ client }, signal, options: Plain<Parameters<Groups['create']>[0]>) =>
    (await client.groups.create(withSignal(options, signal))).id,
  'groups.accept': async ({ client }, signal, id: ConversationId, options: Plain<ChangeOptions>) =>
    (await client.groups.accept(id, withSignal(options, signal))).id,
  ...cancellable('groups', 'add', 'remove', 'rename', 'setPicture', 'setRole', 'liftApproval'),
  ...direct('groups', 'leave', 'info', 'invitations', 'decline'),
  ...cancellable('messages', 'react', 'unreact', 'edit', 'delete', 'forward', 'pin', 'unpin', 'send', 'waitFor'),
  ...cancellable('messages', 'press', 'answerPress'),
  ...cancellable('inline', 'query'),
  ...direct('inline', 'answer'),
  ...cancellable('bots', 'install', 'remove'),
  ...direct('bots', 'publish', 'manifest', 'list'),
  ...direct('links', 'ahead', 'health'),
  ...cancellable('links', 'join'),
  ...direct('messages', 'pinned', 'pending', 'get', 'list', 'retry', 'ack', 'cursor'),
  ...cancellable('contacts', 'add'),
  ...direct('contacts', 'find', 'list', 'remove', 'rename', 'person', 'requests', 'allow', 'deny', 'block', 'unblock'),
  ...direct('contacts', 'safetyNumber', 'verify', 'unverify'),
  ...direct('profiles', 'mine', 'set', 'get'),
  ...direct('listings', 'create', 'edit', 'close', 'handOver', 'takeOver', 'get', 'of', 'list', 'terms'),
  ...cancellable('offers', 'act'),
  ...direct('offers', 'get', 'find', 'list', 'receipt'),
  ...direct('search', 'messages', 'people'),
  ...live('search', 'ready'),
  ...direct('presence', 'typing', 'stopped', 'of'),
  ...direct('devices', 'list', 'rename'),
  ...cancellable('devices', 'revoke'),
  ...cancellable('homeRelays', 'add', 'remove', 'use'),
  // A link goes on where it was when its code is given again.
  'devices.find': async ({ client }, signal, code: string): Promise<LinkRequest> => {
    const { device, deviceName } = await client.devices.link(code, { signal })
    return { device, ...(deviceName === undefined ? {} : { deviceName }) }
  },
  'devices.approve': async ({ client }, signal, code: string, options: { name?: string; phrase?: string }) =>
    (await client.devices.link(code, { signal })).approve(withSignal(options, signal)),
  'devices.refuse': async ({ client }, signal, code: string) => (await client.devices.link(code, { signal })).refuse(),
} satisfies Readonly<Record<string, Run>>

export const STREAMS = {
  ...live('conversations', 'stream'),
  ...live('history', 'stream'),
  ...live('settings', 'stream'),
  ...cancellable('messages', 'changes', 'stream', 'arrivals'),
  ...live('listings', 'stream'),
  ...cancellable('offers', 'stream'),
  ...live('presence', 'stream'),
  ...live('notifications', 'stream'),
  ...live('messages', 'states'),
  ...live('links', 'states', 'healthStream'),
  'backup.export': ({ client }, signal, passphrase: Uint8Array | string) => parcels(client, passphrase, signal),
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
  'inline.answer': 'message/unknown',
}

/** Errors of a repetition that tell that the first attempt did something, but not what came of it. */
export const UNSURE: Partial<Readonly<Record<CallName, ErrorCode>>> = {
  // Its words went out as a new message.
  'messages.retry': 'message/unknown',
  // What is forwarded was edited in between.
  'messages.forward': 'message/client-id-reused',
}
