import type { Clock, Entry, Log } from '@dchat/sdk/wire'
import type { Committer } from '../commit/committer.ts'
import type { Identities } from '../handlers/identities.ts'
import type { InboxRoom } from '../handlers/inbox-room.ts'
import type { Hub } from '../hub.ts'
import type { Metrics } from '../metrics.ts'
import type { RelayCrypto, Turns } from '../platform.ts'
import type { AdmissionPolicy } from '../policy/admission.ts'
import type { Buckets } from '../policy/buckets.ts'
import type { Limits } from '../policy/limits.ts'
import type { Tally } from '../policy/tally.ts'
import type { Rendezvous } from '../rendezvous.ts'
import type { Store } from '../store/store.ts'
import type { ItemFrames } from './item-frames.ts'
import type { Proofs } from './proofs.ts'
import type { SignalFeed } from './signal-feed.ts'
import type { WorkBudget } from './work-budget.ts'

export type RateName =
  | 'connection'
  | 'address'
  | 'connects'
  | 'topic'
  | 'creates'
  | 'claims'
  | 'claimsFrom'
  | 'inboxPuts'
  | 'inboxFrom'
  | 'logEntries'
  | 'signals'
  | 'rendezvous'

/** What all links of a relay share. */
export interface RelayContext {
  readonly name: string
  readonly version: string
  readonly policy: AdmissionPolicy
  readonly store: Store
  readonly committer: Committer
  readonly identities: Identities
  readonly clock: Clock
  readonly nextTurn: Turns
  readonly crypto: RelayCrypto
  readonly relayKey: Uint8Array
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>
  readonly limits: Limits
  readonly rates: Readonly<Record<RateName, Buckets>>
  /** By network address. */
  readonly held: Readonly<Record<'connections' | 'subscriptions' | 'proofs', Tally>>
  readonly metrics: Metrics
  readonly log: Log
  /** By topic in hex. */
  readonly entries: Hub<(entry: Entry) => void>
  readonly signals: Hub<SignalFeed>
  /** By device key in hex. */
  readonly inboxes: Hub<() => void>
  readonly items: ItemFrames
  readonly inboxRoom: InboxRoom
  readonly rendezvous: Rendezvous
  readonly work: WorkBudget
  /** ms since 1970 from which on topics take new entries: later than the start after one from a copy. */
  readonly settledAt: number
  readonly heartbeat: number
  readonly window: number
  /** ms that a subscription waits for the next key after a removal. */
  readonly proofGrace: number
  /** ms after which a peer that reads nothing is cut off, and for the first frame. */
  readonly patience: number
}

/** What a handler knows of the connection that asks. */
export interface Link {
  readonly relay: RelayContext
  /** Names the connection in rate limits. */
  readonly id: string
  /** Network address, for limits only: never logged. */
  readonly address: string
  readonly challenge: Uint8Array
  readonly proofs: Proofs
  /** This connection's own, which do not hear what it sends. */
  readonly signalFeeds: Set<SignalFeed>
  /** A key of the topic (in hex) was shown: what waits for it goes on. */
  proved(topic: string): void
}
