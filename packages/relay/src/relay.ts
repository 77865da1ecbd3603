import { type Clock, type Entry, LOG_BRANCHES_LIMIT, type Log, toHex } from '@dchat/sdk/wire'
import { createCommitter } from './commit/committer.ts'
import { createIdentities } from './handlers/identities.ts'
import { Hub } from './hub.ts'
import type { RateName, RelayContext } from './link/link.ts'
import { createLinkServer } from './link/server.ts'
import type { SignalFeed } from './link/signal-feed.ts'
import { silentLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { type RelayCrypto, relayCrypto, systemClock } from './platform.ts'
import type { AdmissionPolicy } from './policy/admission.ts'
import { Buckets } from './policy/buckets.ts'
import { DEFAULT_LIMITS, type Limits } from './policy/limits.ts'
import { DEFAULT_RETENTION, type Retention } from './policy/retention.ts'
import { memoryStore } from './store/memory.ts'
import { sqliteStore } from './store/sqlite.ts'
import type { Store } from './store/store.ts'
import { startSweeper } from './sweeper.ts'
import { VERSION } from './version.ts'

export interface RelayOptions {
  /** Default `127.0.0.1`: behind a TLS terminator. */
  readonly host?: string
  /** Default 0: a free one. */
  readonly port?: number
  /** A data directory for the embedded database, or a store of one's own (closed with the relay). Default: memory. */
  readonly store?: string | Store
  /** What `relay.info` says. */
  readonly name?: string
  readonly policy?: AdmissionPolicy
  /** Addresses that may put a new identity here if the policy is `invitation`. */
  readonly invited?: readonly string[]
  readonly retention?: Partial<Retention>
  readonly limits?: Partial<Limits>
  /** PEM. Without it the link is plain `ws://`. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer }
  readonly trustProxy?: boolean
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
  /** ms between rounds of retention; default 10 minutes. */
  readonly sweepEvery?: number
  readonly log?: Log
  readonly clock?: Clock
  readonly crypto?: RelayCrypto
}

export interface Relay {
  /** `ws://host:port`, or `wss://` with TLS. */
  readonly url: string
  /** Ed25519 public key that signs welcomes and receipts. */
  readonly relayKey: Uint8Array
  /** Stops accepting, says goodbye, finishes what is in work, closes everything. Idempotent. */
  drain(): Promise<void>
  /** The same as `drain`. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

const SEED_LENGTH = 32
const RATES: readonly RateName[] = [
  'connection',
  'address',
  'connects',
  'topic',
  'creates',
  'claims',
  'inboxPuts',
  'logEntries',
  'signals',
]

/**
 * Starts a relay and resolves when it listens. Rejects with `storage/in-use`, `storage/newer-schema`,
 * `storage/unavailable` or another `storage/…`, or `transport/unreachable` if the port cannot be had.
 */
export const createRelay = async (options: RelayOptions = {}): Promise<Relay> => {
  const { store: given } = options
  const store = given === undefined ? memoryStore() : typeof given === 'string' ? sqliteStore(given) : given
  try {
    return await run(store, options)
  } catch (error) {
    await store.close()
    throw error
  }
}

const run = async (store: Store, options: RelayOptions): Promise<Relay> => {
  const { crypto = relayCrypto(), clock = systemClock, log = silentLog, policy = 'open' } = options
  const limits = { ...DEFAULT_LIMITS, ...options.limits }
  const metrics = createMetrics()
  // The key lives and dies with the log that it signs: a new database under an old key would contradict itself.
  const seed = await store.secret('relay-key', () => crypto.random(SEED_LENGTH))
  const relayKey = await crypto.ed25519.publicKey(seed)
  const sign = (message: Uint8Array) => crypto.ed25519.sign(seed, message)
  const entries = new Hub<(entry: Entry) => void>()
  const deliver = (all: readonly Entry[]): void => {
    for (const entry of all) for (const listener of entries.of(toHex(entry.receipt.topic))) listener(entry)
  }
  const committer = createCommitter({ store, clock, metrics, relayKey, sign, deliver })
  const identities = createIdentities({
    store,
    committer,
    policy,
    invited: new Set(options.invited),
    identityBytes: limits.identityBytes,
    branches: LOG_BRANCHES_LIMIT,
  })
  const context: RelayContext = {
    name: options.name ?? 'dchat relay',
    version: VERSION,
    policy,
    store,
    committer,
    identities,
    clock,
    crypto,
    relayKey,
    sign,
    limits,
    metrics,
    log,
    entries,
    rates: Object.fromEntries(RATES.map((name) => [name, new Buckets(limits[name], clock)])) as Record<
      RateName,
      Buckets
    >,
    signals: new Hub<SignalFeed>(),
    inboxes: new Hub<() => void>(),
    heartbeat: options.heartbeat ?? 30_000,
    window: options.window ?? 256,
    proofGrace: options.proofGrace ?? 10_000,
    patience: options.patience ?? 30_000,
  }
  const server = await createLinkServer(context, {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    tls: options.tls,
    trustProxy: options.trustProxy ?? false,
    drainPatience: options.drainPatience ?? 10_000,
    returnSpread: options.returnSpread ?? 5_000,
  })
  const retention = { ...DEFAULT_RETENTION, ...options.retention }
  const stopSweeper = startSweeper({ store, clock, metrics, log, retention, every: options.sweepEvery ?? 600_000 })
  log.info('listening', { version: VERSION, policy, tls: options.tls !== undefined })

  const end = async (): Promise<void> => {
    await server.drain()
    await stopSweeper()
    await committer.idle()
    await store.close()
    log.info('closed')
  }
  let ended: Promise<void> | undefined
  const drain = () => (ended ??= end())
  return { url: server.url, relayKey, drain, close: drain, [Symbol.asyncDispose]: drain }
}
