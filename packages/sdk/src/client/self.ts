import type { Store } from '../domain/store/store.ts'
import { DchatError } from '../errors.ts'
import type { Crypto } from '../ports/crypto.ts'
import { deviceIdOf } from '../protocol/identity/address.ts'
import { createDevice } from '../protocol/identity/device.ts'
import type { NewIdentity, RestoredIdentity } from '../protocol/identity/identity.ts'
import { appendEntry, createLog, encodedLog, type IdentityLog, reopenLog, verifyLog } from '../protocol/identity/log.ts'
import type { LeafIdentity } from '../protocol/mls/engine.ts'
import type { Address, DeviceId, RelayUrl } from '../records/ids.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import type { SelfRecord } from './records.ts'

export interface SelfOptions {
  readonly identity?: NewIdentity | RestoredIdentity | undefined
  readonly relays: readonly RelayUrl[]
  readonly deviceName?: string | undefined
}

/** This device and its person: keys, certificate and own log, as the store has them. */
export class SelfKeeper {
  readonly #store: Store
  #record: SelfRecord
  #log: IdentityLog

  constructor(store: Store, record: SelfRecord) {
    this.#store = store
    this.#record = record
    this.#log = reopenLog(record.log)
  }

  get address(): Address {
    return this.#record.address
  }
  get device(): DeviceId {
    return deviceIdOf(this.#record.deviceKey)
  }
  get record(): SelfRecord {
    return this.#record
  }
  get log(): IdentityLog {
    return this.#log
  }
  get relays(): readonly RelayUrl[] {
    return this.#record.relays
  }

  /** The MLS leaf's identity. Throws `conversation/not-member` while a restored device is not certified yet. */
  get leaf(): LeafIdentity {
    const { certificate } = this.#record
    if (certificate === undefined) throw new DchatError('conversation/not-member', { conversation: 'any' })
    return { address: this.address, deviceKey: this.#record.deviceKey, certificate }
  }

  isOwnDevice(deviceKey: Uint8Array): boolean {
    return equalBytes(deviceKey, this.#record.deviceKey)
  }

  /** Takes a newer own log, and certifies this device in it if it is not there yet; true if something was added. */
  async adopt(newest: IdentityLog | undefined): Promise<boolean> {
    const base = newest ?? this.#log
    const mine = base.devices.get(toHex(this.#record.deviceKey))
    if (mine?.revokedAt !== undefined) throw new DchatError('identity/device-revoked', { device: this.device })
    const log = mine === undefined ? verifyLog(certifyDevice(encodedLog(base), this.#record), { known: base }) : base
    const entry = log.devices.get(toHex(this.#record.deviceKey))
    if (entry === undefined) throw new DchatError('identity/bad-log', { reason: 'this device is not in it' })
    const relays = log.relays.length > 0 ? log.relays : this.#record.relays
    await this.save({ ...this.#record, log: encodedLog(log), certificate: entry.certificate, relays })
    return mine === undefined
  }

  /** Forgets the archive's secret: it was needed once, after a restore. */
  async dropArchiveSeed(): Promise<void> {
    const { archiveSeed: _, ...record } = this.#record
    await this.save(record)
  }

  private async save(record: SelfRecord): Promise<void> {
    const log = reopenLog(record.log)
    await this.#store.write(async (tx) => tx.put('meta', { key: 'self', value: record }))
    this.#record = record
    this.#log = log
  }
}

const certifyDevice = (log: readonly Uint8Array[], self: SelfRecord): Uint8Array[] =>
  appendEntry(
    log,
    {
      kind: 'add-device',
      deviceKey: self.deviceKey,
      introKey: self.introKey,
      ...(self.deviceName === undefined ? {} : { name: self.deviceName }),
    },
    { role: 'root', secretKey: self.rootSecret },
  )

/**
 * The identity of a store: the one that is there, or a new one from `identity`. A restored identity gets its device's
 * certificate only once its log was read from a relay, because a log must not be forked.
 */
export const openSelf = async (
  store: Store,
  crypto: Crypto,
  { identity, relays, deviceName }: SelfOptions,
): Promise<SelfKeeper> => {
  const stored = await store.read((tx) => tx.get<SelfRecord>('meta', 'self'))
  if (stored !== undefined) {
    if (identity !== undefined && identity.address !== stored.address)
      throw new DchatError('identity/exists', { profile: 'store' })
    return new SelfKeeper(store, stored)
  }
  if (identity === undefined) throw new DchatError('identity/none', { profile: 'store' })
  if (relays.length === 0)
    throw new DchatError('usage/invalid-argument', { name: 'relays', reason: 'a new identity needs a home relay' })
  const device = await createDevice(crypto)
  const { roots } = identity
  const base: SelfRecord = {
    address: identity.address,
    log: createLog(roots, identity.kind),
    seed: device.seed,
    deviceKey: device.deviceKey,
    introSeed: device.introSeed,
    introKey: device.introKey,
    relays,
    rootSecret: roots.root.secretKey,
    ...(deviceName === undefined ? {} : { deviceName }),
    ...(identity.expiresAt === undefined ? {} : { expiresAt: identity.expiresAt }),
  }
  const archiveKey = await crypto.box.publicKey(roots.archiveSeed)
  const record: SelfRecord =
    identity.origin === 'restored'
      ? { ...base, archiveSeed: roots.archiveSeed }
      : certified(appendRelays(certifyDevice(base.log, base), base, archiveKey), base)
  await store.write(async (tx) => tx.put('meta', { key: 'self', value: record }))
  return new SelfKeeper(store, record)
}

const appendRelays = (log: readonly Uint8Array[], self: SelfRecord, archiveKey: Uint8Array): Uint8Array[] =>
  appendEntry(
    log,
    { kind: 'set-relays', relays: [...self.relays], archiveKey },
    { role: 'root', secretKey: self.rootSecret },
  )

const certified = (log: readonly Uint8Array[], self: SelfRecord): SelfRecord => {
  const certificate = verifyLog(log).devices.get(toHex(self.deviceKey))?.certificate
  if (certificate === undefined) throw new DchatError('identity/bad-log', { reason: 'the new device is not in it' })
  return { ...self, log, certificate }
}
