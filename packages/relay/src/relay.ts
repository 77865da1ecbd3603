import { composeRelay, type RelaySettings } from './compose.ts'
import { createInvitations, type Invitations } from './invitations.ts'
import type { Certificate } from './link/certificate.ts'
import { listenForLinks, type MetricsReaders } from './link/server.ts'
import { memoryStore } from './store/memory.ts'
import { sqliteStore } from './store/sqlite.ts'
import type { Store } from './store/store.ts'
import { VERSION } from './version.ts'

export interface RelayOptions extends RelaySettings {
  /** Default `127.0.0.1`: behind a TLS terminator. */
  readonly host?: string
  /** Default 0: a free one. */
  readonly port?: number
  /** A data directory for the embedded database, or a store of one's own (closed with the relay). Default: memory. */
  readonly store?: string | Store
  /** PEM. Without it the link is plain `ws://`. */
  readonly tls?: Certificate
  /** Whose `X-Forwarded-For` counts: addresses, networks (`10.0.0.0/8`), `loopback`, `private`. Default: nobody's. */
  readonly trustedProxies?: readonly string[]
  /** Who may read `/metrics`; default `local`: loopback and private networks, not through a proxy. */
  readonly metrics?: MetricsReaders
}

export interface Relay {
  /** `ws://host:port`, or `wss://` with TLS. */
  readonly url: string
  /** Ed25519 public key that signs welcomes and receipts. */
  readonly relayKey: Uint8Array
  readonly invitations: Invitations
  /** New connections get this certificate, open ones stay. Throws `usage/invalid-argument` and keeps the old one. */
  renew(tls: Certificate): void
  /** Stops accepting, says goodbye, finishes what is in work, closes everything. Idempotent. */
  drain(): Promise<void>
  /** The same as `drain`. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

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
  const core = await composeRelay(store, options)
  const { context, links } = core
  const server = await listenForLinks(context, links, {
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    tls: options.tls,
    trustedProxies: options.trustedProxies ?? [],
    metrics: options.metrics ?? 'local',
  })
  core.start()
  if (store.upgraded) context.log.info('database-upgraded', { ...store.upgraded })
  if (store.copied) context.log.warn('database-is-a-copy', { settlesUntil: new Date(context.settledAt).toISOString() })
  context.log.info('listening', { version: VERSION, policy: context.policy, tls: options.tls !== undefined })
  let ended: Promise<void> | undefined
  const drain = () => (ended ??= server.drain().then(() => core.end()))
  return {
    url: server.url,
    relayKey: context.relayKey,
    invitations: createInvitations(store, context.clock, context.crypto.random),
    renew: server.renew,
    drain,
    close: drain,
    [Symbol.asyncDispose]: drain,
  }
}
