import type {
  Method,
  Params,
  Result,
  Subscription,
  SubscriptionItem,
  SubscriptionParams,
} from '../protocol/wire/methods.ts'
import type { RelayUrl } from '../records/ids.ts'
import type { Abortable } from '../util/abort.ts'

/**
 * `waiting`: between attempts, with the reason and the time of the next one at the latest; a network that comes back or
 * a page that resumes brings it forward. Where the machine says that it has no network the reason is 'offline', and an
 * attempt is made only now and then. `closed` is final.
 */
export type LinkState =
  | { readonly state: 'idle' }
  | { readonly state: 'connecting' }
  | { readonly state: 'ready'; readonly relayKey: Uint8Array; readonly version: number }
  | { readonly state: 'waiting'; readonly retryAt: number; readonly reason: string }
  | { readonly state: 'closed' }

/** Possession of a key, shown once per connection: the link repeats it after each reconnect, before subscriptions. */
export interface Proof {
  /** 'topic' (a topic key) or 'device' (a device key, which opens its inbox). */
  readonly kind: 'topic' | 'device'
  /** Topic id (32 bytes) or device key (32 bytes). */
  readonly subject: Uint8Array
  readonly publicKey: Uint8Array
  sign(message: Uint8Array): Promise<Uint8Array>
}

/** One multiplexed connection to one relay. It reconnects by itself with jittered backoff until `close`. */
export interface RelayLink {
  readonly relay: RelayUrl
  readonly state: LinkState
  states(options?: Abortable): AsyncIterable<LinkState>
  /** Resolves when ready; rejects with `transport/unreachable` after `timeout` ms, if given. */
  ready(options?: Abortable & { timeout?: number }): Promise<void>
  /** Adds a proof; resolves once the relay has accepted it on the current connection. Idempotent by (kind, subject, publicKey). */
  prove(proof: Proof, options?: Abortable): Promise<void>
  /**
   * Waits for the connection if need be. A connection lost before the answer rejects with `transport/unreachable`
   * (retryable): the caller decides, because only it knows whether a repetition is idempotent.
   */
  request<M extends Method>(
    method: M,
    params: Params<M>,
    options?: Abortable & { timeout?: number },
  ): Promise<Result<M>>
  /**
   * Yields items and goes on over reconnects from the last item that was handed out. Flow control: the relay never
   * sends more than a window that was not consumed. Ends with the signal, or with a typed error of the relay.
   */
  subscribe<S extends Subscription>(
    name: S,
    params: SubscriptionParams<S>,
    options?: Abortable,
  ): AsyncIterable<SubscriptionItem<S>>
  close(): Promise<void>
}

export interface Transport {
  link(relay: RelayUrl): RelayLink
}
