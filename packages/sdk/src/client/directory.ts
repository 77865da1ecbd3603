import type { Store } from '../domain/store/store.ts'
import { DchatError, isDchatError } from '../errors.ts'
import type { Crypto } from '../ports/crypto.ts'
import {
  encodedLog,
  type IdentityLog,
  isActive,
  isCertified,
  mergeLogs,
  reopenLog,
  verifyLogAsync,
} from '../protocol/identity/log.ts'
import type { LeafIdentity } from '../protocol/mls/engine.ts'
import type { Address, RelayUrl } from '../records/ids.ts'
import type { Abortable } from '../util/abort.ts'
import type { Broadcast } from '../util/broadcast.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import type { ClientEvent } from './client.ts'
import type { LinkPool } from './link-pool.ts'
import type { IdentityRecord } from './records.ts'

const LOOKUP_TIMEOUT = 10_000

/**
 * Everybody's identity logs, verified. Learning one is always safe: a log proves itself, and what is known only grows.
 */
export class Directory {
  readonly #known = new Map<Address, IdentityLog>()
  readonly #frozen = new Set<Address>()
  readonly #hints = new Map<Address, readonly RelayUrl[]>()
  readonly #store: Store
  readonly #links: LinkPool
  readonly #events: Broadcast<ClientEvent>

  readonly #crypto: Crypto

  constructor(store: Store, links: LinkPool, events: Broadcast<ClientEvent>, crypto: Crypto) {
    this.#crypto = crypto
    this.#store = store
    this.#links = links
    this.#events = events
  }

  /** What is known already, from memory or the store. */
  async get(address: Address): Promise<IdentityLog | undefined> {
    const cached = this.#known.get(address)
    if (cached !== undefined) return cached
    const record = await this.#store.read((tx) => tx.get<IdentityRecord>('identities', address))
    if (record === undefined) return undefined
    const log = reopenLog(record.log)
    this.#known.set(address, log)
    this.#hints.set(address, record.hints)
    if (record.frozen) this.#frozen.add(address)
    return log
  }

  /** Synchronous view of what was loaded; the callers that judge have loaded the people concerned. */
  peek(address: Address): IdentityLog | undefined {
    return this.#known.get(address)
  }

  isFrozen(address: Address): boolean {
    return this.#frozen.has(address)
  }

  isActive(address: Address, deviceKey: Uint8Array): boolean {
    const log = this.#known.get(address)
    return log !== undefined && !this.#frozen.has(address) && isActive(log, deviceKey)
  }

  isRevoked(address: Address, deviceKey: Uint8Array): boolean {
    const device = this.#known.get(address)?.devices.get(toHex(deviceKey))
    return device?.revokedAt !== undefined
  }

  /** Ever certified, by what is known; the MLS engine's credential check. */
  async isCertified(identity: LeafIdentity): Promise<boolean> {
    const log = await this.get(identity.address)
    return log !== undefined && isCertified(log, identity)
  }

  /** Verifies and keeps logs from anywhere; those that do not verify are reported as `identity/bad-log`. */
  async learn(
    logs: readonly (readonly Uint8Array[])[],
    hints: readonly RelayUrl[] = [],
  ): Promise<readonly IdentityLog[]> {
    const learned: IdentityLog[] = []
    for (const encoded of logs) {
      const candidate = await this.#verify(encoded)
      const known = await this.get(candidate.address)
      const merged = mergeLogs(known, [candidate])
      if (merged.kind === 'frozen') {
        await this.#freeze(candidate.address)
        continue
      }
      if (known === undefined || merged.kind === 'extended' || merged.kind === 'settled')
        await this.#keep(merged.log, known, hints)
      else if (hints.length > 0) await this.#remember(merged.log, hints)
      learned.push(merged.log)
    }
    return learned
  }

  /**
   * The logs that a commit carries, each by what it says itself: what else this device knows must not change a judgement.
   * Learns them too. Throws `identity/bad-log` for one that does not verify.
   */
  async carried(logs: readonly (readonly Uint8Array[])[]): Promise<ReadonlyMap<Address, IdentityLog>> {
    const verified = new Map<Address, IdentityLog>()
    for (const encoded of logs) {
      const log = await this.#verify(encoded)
      verified.set(log.address, log)
    }
    await this.learn(logs)
    return verified
  }

  /**
   * Asks relays for the newest log: the hints, the person's own relays, then `home`. Throws `identity/unknown-peer`
   * when none of those that answered has it, `transport/unreachable` when none answered, `identity/frozen`.
   */
  async lookUp(
    address: Address,
    relays: { readonly hints: readonly RelayUrl[]; readonly home: readonly RelayUrl[] },
    options: Abortable = {},
  ): Promise<IdentityLog> {
    const known = await this.get(address)
    const places = new Set([
      ...relays.hints,
      ...(this.#hints.get(address) ?? []),
      ...(known?.relays ?? []),
      ...relays.home,
    ])
    let unreachable: unknown
    let answered = false
    for (const relay of places) {
      try {
        const { logs } = await this.#links
          .get(relay)
          .request('identity.get', { address }, { ...options, timeout: LOOKUP_TIMEOUT })
        answered = true
        if (logs.length > 0) await this.learn(logs, [relay])
      } catch (error) {
        options.signal?.throwIfAborted()
        if (!isDchatError(error)) throw error
        if (isDchatError(error, 'identity/bad-log')) throw error
        unreachable = error
      }
      if (this.#known.has(address)) break
    }
    if (this.isFrozen(address)) throw new DchatError('identity/frozen', { address })
    const log = this.#known.get(address)
    if (log !== undefined) return log
    if (!answered && unreachable !== undefined) throw unreachable
    throw new DchatError('identity/unknown-peer', { peer: address, hint: 'ask for an invite link' })
  }

  /** The relays where a person can be reached. */
  relaysOf(address: Address): readonly RelayUrl[] {
    const named = this.#known.get(address)?.relays ?? []
    return named.length > 0 ? named : (this.#hints.get(address) ?? [])
  }

  async #verify(encoded: readonly Uint8Array[]): Promise<IdentityLog> {
    const first = encoded[0]
    const isSame = ({ entries: [genesis] }: IdentityLog) =>
      first !== undefined && genesis !== undefined && equalBytes(genesis.encoded, first)
    // What was verified before is not verified again: a signature takes milliseconds.
    return verifyLogAsync(this.#crypto, encoded, { known: [...this.#known.values()].find(isSame) })
  }

  async #keep(log: IdentityLog, known: IdentityLog | undefined, hints: readonly RelayUrl[]): Promise<void> {
    await this.#remember(log, hints)
    for (const [key, device] of log.devices)
      if (known !== undefined && !known.devices.has(key) && device.revokedAt === undefined)
        this.#events.emit({ type: 'device-added', address: log.address, device: device.device })
  }

  async #remember(log: IdentityLog, hints: readonly RelayUrl[]): Promise<void> {
    const all = [...new Set([...hints, ...(this.#hints.get(log.address) ?? [])])].slice(0, 8)
    this.#known.set(log.address, log)
    this.#hints.set(log.address, all)
    const record: IdentityRecord = { log: encodedLog(log), frozen: this.#frozen.has(log.address), hints: all }
    await this.#store.write(async (tx) => tx.put('identities', { key: log.address, value: record }))
  }

  async #freeze(address: Address): Promise<void> {
    if (this.#frozen.has(address)) return
    this.#frozen.add(address)
    const log = this.#known.get(address)
    if (log !== undefined) await this.#remember(log, [])
    this.#events.emit({ type: 'identity-frozen', address })
  }
}
