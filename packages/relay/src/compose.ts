import { type Clock, type Entry, LOG_BRANCHES_LIMIT, type Log } from '@dchat/sdk/wire'
import { createCommitter } from './commit/committer.ts'
import { measured } from './commit/measured.ts'
import { createIdentities } from './handlers/identities.ts'
import { InboxRoom } from './handlers/inbox-room.ts'
import { Hub } from './hub.ts'
import { ItemFrames } from './link/item-frames.ts'
import type { RateName, RelayContext } from './link/link.ts'
import { createLinks, type Links } from './link/links.ts'
import type { SignalFeed } from './link/signal-feed.ts'
import { WorkBudget } from './link/work-budget.ts'
import { silentLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { gatheringTurns, nameOf, nextTurn, type RelayCrypto, relayCrypto, systemClock, type Turns } from './platform.ts'
import type { AdmissionPolicy } from './policy/admission.ts'
import { Buckets } from './policy/buckets.ts'
import { DEFAULT_LIMITS, type Limits } from './policy/limits.ts'
import { DEFAULT_RETENTION, type Retention } from './policy/retention.ts'
import { Tally } from './policy/tally.ts'
import { Rendezvous } from './rendezvous.ts'
import type { Store } from './store/store.ts'
import { startSweeper } from './sweeper.ts'
import { VERSION } from './version.ts'

/** What a relay is, wherever its links come from. */
export interface RelaySettings {
  /** What `relay.info` says. */
  readonly name?: string
  readonly policy?: AdmissionPolicy
  /** Addresses that may put a new identity here if the policy is `invitation`. */
  readonly invited?: readonly string[]
  readonly retention?: Partial<Retention>
  readonly limits?: Partial<Limits>
  /** ms; default 30,000. */
  readonly heartbeat?: number
  /** Items in flight per subscription; default 256. */
  readonly window?: number
  /** ms that a subscriber has after a removal to show the next key; default 10,000. */
  readonly proofGrace?: number
  /** ms for the first frame, and for a peer that does not read; default 30,000. */
  readonly patience?: number
  /** ms that requests in work may take at a drain; default 10,000. */
  readonly drainPatience?: number
  /** ms over which clients return after a drain; default 5,000. */
  readonly returnSpread?: number
  /** ms after a start from a copied store in which clients give back what it lacks; default 30,000. */
  readonly settle?: number
  /** ms between rounds of retention; default 10 minutes. */
  readonly sweepEvery?: number
  readonly log?: Log
  readonly clock?: Clock
  readonly crypto?: RelayCrypto
}

const SEED_LENGTH = 32
/** Subscriptions and proofs that every network address may have, however many the others hold. */
const FEW = 64
const RATES: readonly RateName[] = [
  'connection',
  'address',
  'connects',
  'topic',
  'creates',
  'claims',
  'claimsFrom',
  'inboxPuts',
  'inboxFrom',
  'logEntries',
  'signals',
  'rendezvous',
]

/** A relay without a port: whoever has a socket gives it to `links`. */
export interface RelayCore {
  readonly context: RelayContext
  readonly links: Links
  /** Begins with what runs by time: looks after links and retention. */
  start(): void
  /** When `links` are drained: finishes what is being written and closes the store. */
  end(): Promise<void>
}

/** Puts a relay together over its store. Rejects with the store's errors. */
export const composeRelay = async (
  store: Store,
  options: RelaySettings,
  turns: { readonly next: Turns; readonly gathering: Turns } = { next: nextTurn, gathering: gatheringTurns() },
): Promise<RelayCore> => {
  const { crypto = relayCrypto(), clock = systemClock, log = silentLog, policy = 'open' } = options
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const metrics = createMetrics(store.usage)
  // The key lives and dies with the log that it signs: a new database under an old key would contradict itself.
  const seed = await store.secret('relay-key', () => crypto.random(SEED_LENGTH))
  const relayKey = await crypto.ed25519.publicKey(seed)
  const sign = (message: Uint8Array) => crypto.ed25519.sign(seed, message)
  const entries = new Hub<(entry: Entry) => void>()
  const deliver = (all: readonly Entry[]): void => {
    for (const entry of all) for (const listener of entries.of(nameOf(entry.receipt.topic))) listener(entry)
  }
  const committer = measured(
    createCommitter({ store, clock, metrics, nextTurn: turns.gathering, relayKey, sign, deliver }),
    metrics,
  )
  const identities = createIdentities({
    store,
    committer,
    clock,
    crypto,
    nextTurn: turns.next,
    policy,
    invited: new Set(options.invited),
    identityBytes: limits.identityBytes,
    branches: LOG_BRANCHES_LIMIT,
  })
  const rates = Object.fromEntries(
    RATES.map((name) => {
      // From the first look on: an increase is seen only where there was a value before.
      metrics.rateLimited.inc({ limit: name }, 0)
      return [name, new Buckets(limits[name], clock, () => metrics.rateLimited.inc({ limit: name }))]
    }),
  ) as Record<RateName, Buckets>
  const context: RelayContext = {
    name: options.name ?? 'dchat relay',
    version: VERSION,
    policy,
    store,
    committer,
    identities,
    clock,
    nextTurn: turns.next,
    crypto,
    relayKey,
    sign,
    limits,
    metrics,
    log,
    entries,
    rates,
    held: {
      connections: new Tally('connections', limits.connectionsPerAddress, limits.connections),
      subscriptions: new Tally('subscriptions', limits.subscriptionsPerAddress, limits.allSubscriptions, FEW),
      proofs: new Tally('proofs', limits.proofsPerAddress, limits.allProofs, FEW),
    },
    signals: new Hub<SignalFeed>(),
    inboxes: new Hub<() => void>(),
    items: new ItemFrames(),
    work: new WorkBudget(limits.allInFlight),
    inboxRoom: new InboxRoom(store, rates.inboxFrom, limits),
    rendezvous: new Rendezvous(clock, { slots: limits.rendezvousSlots, bytes: limits.rendezvousBytes }),
    settledAt: store.copied ? clock.now() + (options.settle ?? 30_000) : 0,
    heartbeat: options.heartbeat ?? 30_000,
    window: options.window ?? 256,
    proofGrace: options.proofGrace ?? 10_000,
    patience: options.patience ?? 30_000,
  }
  const links = createLinks(context, {
    drainPatience: options.drainPatience ?? 10_000,
    returnSpread: options.returnSpread ?? 5_000,
  })
  const retention = { ...DEFAULT_RETENTION, ...options.retention }
  let stopSweeper: (() => Promise<void>) | undefined
  return {
    context,
    links,
    start: () => {
      links.start()
      stopSweeper ??= startSweeper({ store, clock, metrics, log, retention, every: options.sweepEvery ?? 600_000 })
    },
    end: async () => {
      await links.drain()
      await stopSweeper?.()
      await committer.idle()
      await store.close()
      log.info('closed')
    },
  }
}
