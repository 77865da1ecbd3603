import type { Action } from '../actions/action.ts'
import type { BotEvent } from '../events/event.ts'
import type { HeldKey } from '../webhooks/rotation.ts'

/** The gateway's memory: which events came, and who still has to get them (docs/bots.md). */

/** In a lane an event waits for those before it in its conversation; in the background it is tried again by itself. */
export type DeliveryPlace = 'lane' | 'background'

/** An event that an endpoint still has to handle. */
export interface Delivery {
  readonly endpoint: string
  readonly eventId: string
  readonly conversation: string
  /** The order in which events were stored. */
  readonly seq: number
  readonly place: DeliveryPlace
  /** Those that failed. */
  readonly attempts: number
  /** When it is tried next, ms since 1970; absent while it waits for those before it. */
  readonly dueAt?: number
  /** Why the last attempt failed. */
  readonly reason?: string
  readonly event: BotEvent
  /** What the endpoint answered, as long as it is not done: the event itself is handled. */
  readonly answer?: readonly Action[]
}

export type Outcome =
  | { readonly state: 'done'; readonly status?: number }
  | {
      readonly state: 'again'
      readonly dueAt: number
      readonly place: DeliveryPlace
      readonly reason: string
      readonly status?: number
    }
  | { readonly state: 'dead'; readonly reason: string; readonly status?: number }

/** An event that was given up. It is kept until it is replayed or forgotten. */
export interface DeadLetter {
  readonly endpoint: string
  readonly eventId: string
  readonly conversation: string
  readonly seq: number
  readonly attempts: number
  readonly reason: string
  readonly status?: number
  /** When it was given up, ms since 1970. */
  readonly at: number
  readonly event: BotEvent
}

export interface EndpointHealth {
  readonly endpoint: string
  /** Why it gets no events any more; absent while it does. */
  readonly disabled?: string
  /** The first failure since the last success, ms since 1970. */
  readonly failingSince?: number
  /** Failures since the last success. */
  readonly failures: number
  readonly lastStatus?: number
  /** The last attempt, ms since 1970. */
  readonly lastAt?: number
}

/** A webhook as it is kept with the queue. */
export interface StoredWebhook {
  readonly name: string
  readonly url: string
  /** `whsec_…` and `whsk_…`; what signs for a while only has its end. */
  readonly keys: readonly HeldKey<string>[]
  /** Its host may be private, and without TLS. */
  readonly isPrivate: boolean
  /** When the program behind it repeated a challenge, ms since 1970. Before that it gets no events. */
  readonly testedAt?: number
}

export interface DeadLetterQuery {
  readonly endpoint?: string
  /** Only those behind this `seq`: for pages. */
  readonly after?: number
  /** Default 100. */
  readonly limit?: number
}

/**
 * Everything that resolves is durable. Of each lane exactly one delivery is due; when it ends or leaves, the next one is.
 * Times are ms since 1970. Rejects with the errors of storage, and `usage/closed`.
 */
export interface Queue {
  /**
   * Stores an event for each endpoint, at the end of its conversation's lanes; for a disabled endpoint as a dead letter.
   * False, and nothing is stored, if it was there already: it is known by its `event_id`.
   */
  add(event: BotEvent, endpoints: readonly string[], now: number): Promise<boolean>
  /** What is due, the longest waiting first. */
  ready(endpoint: string, place: DeliveryPlace, now: number, limit: number): Promise<readonly Delivery[]>
  /** When something is due next, after this time. */
  nextDue(endpoint: string, after: number): Promise<number | undefined>
  /** Keeps what the endpoint answered: from here on the event is not handed to it again. */
  answered(delivery: Delivery, actions: readonly Action[]): Promise<void>
  /** Ends an attempt. A delivery that is there no longer, because its endpoint was disabled, changes nothing. */
  settle(delivery: Delivery, outcome: Outcome, now: number): Promise<EndpointHealth>
  /** What is waiting, in the order in which it came. */
  waiting(query?: DeadLetterQuery & { readonly place?: DeliveryPlace }): Promise<readonly Delivery[]>
  deadLetters(query?: DeadLetterQuery): Promise<readonly DeadLetter[]>
  /**
   * Puts dead letters back, one or all of an endpoint: each conversation's in their order, before what waits there.
   * Resolves to how many. Rejects with `webhook/disabled` while the endpoint gets no events.
   */
  replay(endpoint: string, eventId: string | undefined, now: number): Promise<number>
  health(endpoint: string): Promise<EndpointHealth>
  /** No event goes there any more: those that wait become dead letters. */
  disable(endpoint: string, reason: string, now: number): Promise<void>
  /** What comes from now on is delivered; what is a dead letter waits to be replayed. */
  enable(endpoint: string): Promise<void>
  /** The webhooks that are kept, by name. */
  webhooks(): Promise<readonly StoredWebhook[]>
  /** Keeps what `change` makes of a webhook; it may throw, and nothing is changed then. Resolves to what is kept. */
  changeWebhook(name: string, change: (known: StoredWebhook | undefined) => StoredWebhook): Promise<StoredWebhook>
  /** Forgets a webhook with everything that waits for it, dead letters too. False: there is none of this name. */
  dropWebhook(name: string): Promise<boolean>
  /** Bytes that belong to this queue, made at the first call. */
  secret(name: string, make: () => Uint8Array): Promise<Uint8Array>
  /** Forgets events that were stored before and are delivered, and dead letters that were given up before. */
  forget(before: number): Promise<number>
  close(): Promise<void>
}
