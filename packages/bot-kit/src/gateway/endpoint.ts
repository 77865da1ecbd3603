import type { Action } from '../actions/action.ts'
import type { BotEvent } from '../events/event.ts'

export type Delivered =
  /** `actions` are performed in the event's conversation; they are kept until they are done. */
  | { readonly state: 'done'; readonly status?: number; readonly actions?: readonly Action[] }
  /** Later; `after`: the endpoint wants nothing at all for so many ms. */
  | { readonly state: 'again'; readonly reason: string; readonly status?: number; readonly after?: number }
  /** Never: it is put aside as a dead letter. */
  | { readonly state: 'dead'; readonly reason: string; readonly status?: number }
  /** The endpoint wants no events any more. */
  | { readonly state: 'gone'; readonly status?: number }

/** Endpoints that come and go while the gateway works. */
export interface EndpointFeed {
  /** Those that are there now. One of a name stays the same to the gateway, whatever it is made of. */
  list(): Promise<readonly Endpoint[]>
}

/** What events are handed to: the handlers of a bot in this process, or a webhook. */
export interface Endpoint {
  readonly name: string
  /** In each conversation one event after the other. A rejection counts as `again`. `attempt` begins at 1. */
  deliver(event: BotEvent, options: { readonly attempt: number; readonly signal: AbortSignal }): Promise<Delivered>
}
