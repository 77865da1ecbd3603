import type { Unlock } from '../domain/store/store-key.ts'
import type { Log } from '../ports/log.ts'
import type { PaymentRail } from '../ports/payment.ts'
import type { Storage } from '../ports/storage.ts'
import type { Transport } from '../ports/transport.ts'
import type { NewIdentity, RestoredIdentity } from '../protocol/identity/identity.ts'

/** A store that ends with the program. */
export const MEMORY = ':memory:'

/** What `createClient` takes, on every platform alike. Everything may be left out that the store knows already. */
export interface ClientOptions {
  /** Needed when the store is empty: `createIdentity()` or `restoreIdentity(phrase)`. */
  readonly identity?: NewIdentity | RestoredIdentity
  /** `ws:` or `wss:` addresses: home relays of a new identity; where to look for a restored one. */
  readonly relays?: readonly string[]
  /** The device's name, for people; at most 64 characters. */
  readonly deviceName?: string
  /**
   * Where the client keeps everything: a folder in Node, the name of an IndexedDB database in browsers, or ':memory:'.
   * Default: one of the identity's own, so the same identity finds its store again (`.dchat/<address>` in Node).
   */
  readonly store?: string
  /** How the store's key is locked; default: by a key that stays beside the store (sdk.md). */
  readonly unlock?: Unlock
  /** Delivery and read reports to others; default: in conversations of at most 50 people. */
  readonly reports?: boolean
  /** What happens when a stranger writes, whatever the settings say: `allow` suits bots. Default: the setting, 'ask'. */
  readonly strangers?: 'ask' | 'allow'
  /** Ways to be paid, at the payee's device. A way that none of them serves is paid by hand. The caller closes them. */
  readonly payments?: readonly PaymentRail[]
  readonly log?: Log
  /** What others are told about the program that has the store; default: its name. */
  readonly owner?: string
  /** Another way to the relays than the platform's. */
  readonly transport?: Transport
  /** Another storage than the platform's, instead of `store`. The caller closes it. */
  readonly storage?: Storage
  /** 32 bytes that seal `storage`; default: fresh ones, which is right for memory only. */
  readonly storeKey?: Uint8Array
  /** Runs once after `close` has released the client's own resources. */
  readonly onClose?: () => Promise<void>
}
