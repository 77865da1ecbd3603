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
import { answeringFirst, type LinkPool } from './link-pool.ts'
import type { IdentityRecord } from './records.ts'

const LOOKUP_TIMEOUT = 10_000
/** People whose logs are written at once: a write waits for the disk, and a large group brings hundreds. */
const BATCH = 64
/** People who are read at once. */
const SOME = 1_000
/** Relays that are remembered of a person besides those of the log. */
const HINTS = 8

/**
 * Everybody's identity logs, verified. Learning one is always safe: a log proves itself, and what is known only grows.
 */
export class Directory {
  readonly #known = new Map<Address, IdentityLog>()
  /** As they were stored; opened when they are needed. */
  readonly #stored = new Map<Address, IdentityRecord>()
  readonly #frozen = new Set<Address>()
  readonly #hints = new Map<Address, readonly RelayUrl[]>()
  /** People of whom memory knows more than the store, by the count of what was noted last. */
  readonly #unsaved = new Map<Address, number>()
  #noted = 0
  readonly #store: Store
  readonly #links: LinkPool
  readonly #events: Broadcast<ClientEvent>

  readonly #crypto: Crypto
  readonly #watching = new Map<Address, (log: IdentityLog) => Promise<void>>()

  readonly #onNewKeys: (address: Address) => Promise<void>
  readonly #onStale: (relay: RelayUrl, log: IdentityLog) => Promise<void>

  /**
   * `onNewKeys` hears when somebody's root or recovery key was replaced, or their log forked; `onStale`, when a relay served
   * less of a log than is known.
   */
  constructor(
    store: Store,
    links: LinkPool,
    events: Broadcast<ClientEvent>,
    crypto: Crypto,
    onNewKeys: (address: Address) => Promise<void>,
    onStale: (relay: RelayUrl, log: IdentityLog) => Promise<void>,
  ) {
    this.#onNewKeys = onNewKeys
    this.#onStale = onStale
    this.#crypto = crypto
    this.#store = store
    this.#links = links
    this.#events = events
  }

  /** Reads everybody who is known: from then on the views that wait for nothing have all of them. */
  async load(): Promise<void> {
    await this.#store.read(async (tx) => {
      for (let after: string | undefined; ; ) {
        const page = await tx.scan('identities', { limit: SOME, ...(after === undefined ? {} : { after }) })
        for (const { key, value } of page.rows) this.#keep(key as Address, value as IdentityRecord)
        after = page.next
        if (after === undefined) return
      }
    })
  }

  /** What is known already, from memory or the store. */
  async get(address: Address): Promise<IdentityLog | undefined> {
    const cached = this.peek(address)
    if (cached !== undefined) return cached
    const record = await this.#store.read((tx) => tx.get<IdentityRecord>('identities', address))
    if (record !== undefined) this.#keep(address, record)
    return this.peek(address)
  }

  /** Calls back with every newer log of one person, after it was kept. */
  watch(address: Address, listener: (log: IdentityLog) => Promise<void>): void {
    this.#watching.set(address, listener)
  }

  /** Synchronous view of what was loaded; the callers that judge have loaded the people concerned. */
  peek(address: Address): IdentityLog | undefined {
    const record = this.#stored.get(address)
    if (record !== undefined) {
      this.#known.set(address, reopenLog(record.log))
      this.#stored.delete(address)
    }
    return this.#known.get(address)
  }

  isFrozen(address: Address): boolean {
    return this.#frozen.has(address)
  }

  isActive(address: Address, deviceKey: Uint8Array): boolean {
    const log = this.peek(address)
    return log !== undefined && !this.#frozen.has(address) && isActive(log, deviceKey)
  }

  isRevoked(address: Address, deviceKey: Uint8Array): boolean {
    const device = this.peek(address)?.devices.get(toHex(deviceKey))
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
    return this.#take(logs, (encoded) => this.#verify(encoded), hints)
  }

  /**
   * The logs that a commit carries, each by what it says itself: what else this device knows must not change a judgement.
   * Learns them too. Throws `identity/bad-log` for one that does not verify.
   */
  async carried(logs: readonly (readonly Uint8Array[])[]): Promise<ReadonlyMap<Address, IdentityLog>> {
    const verified = new Map<Address, IdentityLog>()
    const all: IdentityLog[] = []
    for (const encoded of logs) {
      const log = await this.#verify(encoded)
      verified.set(log.address, log)
      all.push(log)
    }
    await this.#take(all, async (log) => log, [])
    return verified
  }

  /**
   * Asks relays for the newest log: the hints, the person's own relays, then `home`. Throws `identity/unknown-peer`
   * when none of those that answered has it, `transport/unreachable` when none answered, `identity/frozen`. One that has
   * any is enough; `everywhere` asks them all.
   */
  async lookUp(
    address: Address,
    relays: { readonly hints: readonly RelayUrl[]; readonly home: readonly RelayUrl[] },
    { everywhere = false, ...options }: Abortable & { readonly everywhere?: boolean } = {},
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
    for (const relay of answeringFirst(this.#links, [...places])) {
      try {
        await this.ask(relay, address, options)
        answered = true
      } catch (error) {
        options.signal?.throwIfAborted()
        if (!isDchatError(error)) throw error
        if (isDchatError(error, 'identity/bad-log')) throw error
        unreachable = error
      }
      if (!everywhere && this.peek(address) !== undefined) break
    }
    if (this.isFrozen(address)) throw new DchatError('identity/frozen', { address })
    const log = this.peek(address)
    if (log !== undefined) return log
    if (!answered && unreachable !== undefined) throw unreachable
    throw new DchatError('identity/unknown-peer', { peer: address, hint: 'ask for an invite link' })
  }

  /** Learns what one relay has of a log, and holds it to what is known. Throws `identity/bad-log` and the link's errors. */
  async ask(relay: RelayUrl, address: Address, options: Abortable): Promise<void> {
    const { logs } = await this.#links
      .get(relay)
      .request('identity.get', { address }, { ...options, timeout: LOOKUP_TIMEOUT })
    if (logs.length === 0) return
    await this.learn(logs, [relay])
    const log = this.peek(address)
    const { length } = log?.entries ?? []
    if (log !== undefined && logs.every((served) => served.length < length)) await this.#onStale(relay, log)
  }

  /** Somebody who is of no interest any more; what is needed later is learnt again. */
  async forget(address: Address): Promise<void> {
    this.#known.delete(address)
    this.#stored.delete(address)
    this.#hints.delete(address)
    this.#frozen.delete(address)
    this.#unsaved.delete(address)
    await this.#store.write(async (tx) => tx.delete('identities', address))
  }

  /** The relays where a person can be reached. */
  relaysOf(address: Address): readonly RelayUrl[] {
    const named = this.peek(address)?.relays ?? []
    return named.length > 0 ? named : (this.#hints.get(address) ?? [])
  }

  async #verify(encoded: readonly Uint8Array[]): Promise<IdentityLog> {
    // What was verified before is not verified again: a signature takes milliseconds.
    return verifyLogAsync(this.#crypto, encoded, { known: this.#beginningWith(encoded[0]) })
  }

  #beginningWith(first: Uint8Array | undefined): IdentityLog | undefined {
    if (first === undefined) return undefined
    const isSame = (genesis: Uint8Array | undefined) => genesis !== undefined && equalBytes(genesis, first)
    for (const [address, { log }] of this.#stored) if (isSame(log[0])) return this.peek(address)
    for (const log of this.#known.values()) if (isSame(log.entries[0]?.encoded)) return log
    return undefined
  }

  #keep(address: Address, record: IdentityRecord): void {
    // What was learnt meanwhile is newer.
    if (this.#known.has(address)) return
    this.#stored.set(address, record)
    this.#hints.set(address, record.hints)
    if (record.frozen) this.#frozen.add(address)
  }

  /** Keeps what is new of each log, some in one write, and tells of it once that is durable. */
  async #take<T>(
    given: readonly T[],
    verified: (each: T) => Promise<IdentityLog>,
    hints: readonly RelayUrl[],
  ): Promise<readonly IdentityLog[]> {
    const learned: IdentityLog[] = []
    const news: { readonly log: IdentityLog; readonly before: IdentityLog | undefined }[] = []
    const tell = async () => {
      await this.#save()
      for (const { log, before } of news.splice(0)) await this.#tell(log, before)
    }
    try {
      for (const each of given) {
        const candidate = await verified(each)
        const known = await this.get(candidate.address)
        // From here to the note nothing is awaited: two who learn at once do not overwrite each other.
        const merged = mergeLogs(known, [candidate])
        if (merged.kind === 'frozen') {
          await this.#freeze(candidate.address)
          continue
        }
        const isNew = known === undefined || merged.kind === 'extended' || merged.kind === 'settled'
        this.#note(merged.log, hints, isNew)
        if (isNew) news.push({ log: merged.log, before: known })
        learned.push(merged.log)
        if (this.#unsaved.size >= BATCH) await tell()
      }
    } finally {
      // What stood before one that does not verify is kept all the same.
      await tell()
    }
    return learned
  }

  #note(log: IdentityLog, hints: readonly RelayUrl[], isNew: boolean): void {
    const { address } = log
    const before = this.#hints.get(address) ?? []
    const all = [...new Set([...hints, ...before])].slice(0, HINTS)
    const isMore = all.some((hint, at) => hint !== before[at])
    if (!isNew && !isMore) return
    this.#known.set(address, log)
    this.#hints.set(address, all)
    this.#noted += 1
    this.#unsaved.set(address, this.#noted)
  }

  /** Writes everything that is not in the store yet; where that fails, the next one tries it again. */
  async #save(): Promise<void> {
    if (this.#unsaved.size === 0) return
    const saved = await this.#store.write(async (tx) => {
      const some = [...this.#unsaved]
      for (const [address] of some) {
        const log = this.#known.get(address)
        if (log === undefined) continue
        const frozen = this.#frozen.has(address)
        const record: IdentityRecord = { log: encodedLog(log), frozen, hints: this.#hints.get(address) ?? [] }
        tx.put('identities', { key: address, value: record })
      }
      return some
    })
    for (const [address, noted] of saved) if (this.#unsaved.get(address) === noted) this.#unsaved.delete(address)
  }

  async #tell(log: IdentityLog, before: IdentityLog | undefined): Promise<void> {
    for (const [key, device] of log.devices)
      if (before !== undefined && !before.devices.has(key) && device.revokedAt === undefined)
        this.#events.emit({ type: 'device-added', address: log.address, device: device.device })
    if (before !== undefined && hasNewKeys(before, log)) await this.#onNewKeys(log.address)
    await this.#watching.get(log.address)?.(log)
  }

  async #freeze(address: Address): Promise<void> {
    if (this.#frozen.has(address)) return
    this.#frozen.add(address)
    const log = this.peek(address)
    if (log !== undefined) this.#note(log, [], true)
    await this.#save()
    this.#events.emit({ type: 'identity-frozen', address })
    await this.#onNewKeys(address)
  }
}

/** The keys that safety numbers are made of (identity.md). */
const hasNewKeys = (before: IdentityLog, now: IdentityLog): boolean =>
  !equalBytes(before.currentRoot, now.currentRoot) || !equalBytes(before.currentRecoveryHash, now.currentRecoveryHash)
