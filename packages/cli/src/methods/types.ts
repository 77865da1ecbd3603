/**
 * What a process that owns a store can be asked, in process or over the local socket: names, parameters and results as
 * plain JSON. Names are those of the commands; fields are camelCase, times are ms since 1970.
 */

import type { NotifyRule } from '@dchat/sdk'
import type { ActionCalls } from './action-types.ts'
import type { BotCalls, BotStreams } from './bot-types.ts'
import type { DeviceCalls, DeviceStreams } from './device-types.ts'
import type { GroupCalls } from './group-types.ts'
import type { HistoryCalls, HistoryStreams } from './history-types.ts'
import type { ListingCalls, ListingStreams } from './listing-types.ts'
import type { ButtonView, EventView, InvitationView, MessageView } from './message-types.ts'
import type { OfferCalls, OfferStreams } from './offer-types.ts'
import type { PeopleCalls, PeopleStreams } from './people-types.ts'
import type { RelayCalls, RelayStreams } from './relay-types.ts'
import type { SearchStreams } from './search-types.ts'
import type { ChatView, Waiting } from './shared-types.ts'
import type { SignalCalls, SignalStreams } from './signal-types.ts'

export type { ButtonView, EventView, InvitationView, MessageView, NoticeView } from './message-types.ts'
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
  /** A message by its id, or by the beginning of its id. */
  readonly replyTo?: string
  /** People whom the message mentions: `@name` in the text, or at its beginning. The text becomes Markdown. */
  readonly mentions?: readonly string[]
  /** Rows of buttons. */
  readonly keyboard?: readonly (readonly ButtonView[])[]
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

export interface Calls
  extends DeviceCalls,
    HistoryCalls,
    RelayCalls,
    GroupCalls,
    BotCalls,
    PeopleCalls,
    ActionCalls,
    OfferCalls,
    ListingCalls,
    SignalCalls {
  whoami: { params: Record<never, never>; result: WhoAmI }
  invite: { params: Record<never, never>; result: { readonly link: string } }
  'contacts.add': {
    params: { readonly peer: string; readonly name?: string; readonly patience?: number }
    /** `checked`: a relay knew the person. */
    result: { readonly contact: ContactView; readonly checked: boolean }
  }
  send: { params: SendParams; result: MessageView }
  /** What a person keeps of a conversation on all devices; `notify: null`: as the settings say. */
  'chats.set': {
    params: {
      readonly chat: string
      readonly notify?: NotifyRule | null
      readonly pinned?: boolean
      readonly archived?: boolean
    }
    result: ChatView
  }
  /** Marks everything up to a message as read here. */
  'read.mark': { params: { readonly chat: string; readonly upTo: string }; result: Record<never, never> }
  /** Acknowledges what `listen` handed out, up to a cursor. */
  'listen.ack': { params: { readonly cursor: string; readonly chat?: string }; result: Record<never, never> }
}

export interface Streams
  extends DeviceStreams,
    RelayStreams,
    BotStreams,
    HistoryStreams,
    PeopleStreams,
    OfferStreams,
    ListingStreams,
    SignalStreams,
    SearchStreams {
  'contacts.list': { params: Record<never, never>; item: ContactView }
  'chats.list': { params: { readonly limit?: number }; item: ChatView }
  read: { params: ReadParams; item: MessageView }
  listen: { params: ListenParams; item: MessageView }
  /** What happens beside new messages, as it happens; begins with the invitations that are open. */
  'listen.events': { params: ListenParams; item: EventView }
  /** A backup file in parts (base64), to be written one after the other, and the rows that are in it so far. */
  export: {
    params: { readonly passphrase: string }
    item: { readonly bytes: string; readonly done: number; readonly total: number }
  }
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
