/**
 * What a process that owns a store can be asked, in process or over the local socket: names, parameters and results as
 * plain JSON. Names are those of the commands; fields are camelCase, times are ms since 1970.
 */

import type { ActionCalls } from './action-types.ts'
import type { GroupCalls } from './group-types.ts'
import type { EventView, InvitationView, MessageView } from './message-types.ts'
import type { ChatView, Waiting } from './shared-types.ts'

export type { EventView, InvitationView, MessageView, NoticeView } from './message-types.ts'
export type { ChatView, Waiting } from './shared-types.ts'

export interface WhoAmI {
  readonly address: string
  readonly device: string
  readonly relays: readonly string[]
}

export interface ContactView {
  readonly address: string
  readonly name?: string
  readonly relays: readonly string[]
  readonly addedAt: number
}

export interface SendParams extends Waiting {
  /** A contact name, address, invite link, group name or conversation id. */
  readonly chat: string
  readonly text: string
  readonly format?: 'text' | 'markdown'
  readonly replyTo?: string
  readonly clientId?: string
  readonly wait?: 'queued' | 'sent' | 'delivered'
}

export interface ReadParams extends Waiting {
  readonly chat: string
  /** Only what arrived after this cursor, oldest first; without it the newest. */
  readonly since?: string
  readonly limit?: number
  /** Only what is stored; no relay is asked. */
  readonly offline?: boolean
  /** Only the pinned messages, in the order of pinning. */
  readonly pinned?: boolean
}

export interface ListenParams {
  readonly chat?: string
  /** A cursor, `start` or `now`; without it, where the last acknowledgement stands. */
  readonly since?: string
}

export interface Calls extends GroupCalls, ActionCalls {
  whoami: { params: Record<never, never>; result: WhoAmI }
  invite: { params: Record<never, never>; result: { readonly link: string } }
  'contacts.add': {
    params: { readonly peer: string; readonly name?: string; readonly patience?: number }
    /** `checked`: a relay knew the person. */
    result: { readonly contact: ContactView; readonly checked: boolean }
  }
  send: { params: SendParams; result: MessageView }
  /** Marks everything up to a message as read here. */
  'read.mark': { params: { readonly chat: string; readonly upTo: string }; result: Record<never, never> }
  /** Acknowledges what `listen` handed out, up to a cursor. */
  'listen.ack': { params: { readonly cursor: string; readonly chat?: string }; result: Record<never, never> }
}

export interface Streams {
  'contacts.list': { params: Record<never, never>; item: ContactView }
  'chats.list': { params: { readonly limit?: number }; item: ChatView }
  read: { params: ReadParams; item: MessageView }
  listen: { params: ListenParams; item: MessageView }
  /** What happens beside new messages, as it happens; begins with the invitations that are open. */
  'listen.events': { params: ListenParams; item: EventView }
  'group.invitations': { params: Waiting & { readonly offline?: boolean }; item: InvitationView }
}

export type CallName = keyof Calls
export type StreamName = keyof Streams

export interface CallOptions {
  readonly signal?: AbortSignal | undefined
}

/** The methods, wherever they run. */
export interface Service {
  call<M extends CallName>(method: M, params: Calls[M]['params'], options?: CallOptions): Promise<Calls[M]['result']>
  stream<S extends StreamName>(
    method: S,
    params: Streams[S]['params'],
    options?: CallOptions,
  ): AsyncIterable<Streams[S]['item']>
}
