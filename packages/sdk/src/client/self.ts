import type { Store, StoreWriter } from '../domain/store/store.ts'
import { DchatError } from '../errors.ts'
import type { Crypto } from '../ports/crypto.ts'
import { deviceIdOf } from '../protocol/identity/address.ts'
import { createDevice } from '../protocol/identity/device.ts'
import type { NewIdentity, RestoredIdentity } from '../protocol/identity/identity.ts'
import { appendEntry, createLog, encodedLog, type IdentityLog, reopenLog, verifyLog } from '../protocol/identity/log.ts'
import type { LeafIdentity } from '../protocol/mls/engine.ts'
import type { Address, DeviceId, RelayUrl } from '../records/ids.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import { Mutex } from '../util/mutex.ts'
import { IMPORTING, type ImportRecord, type SelfRecord } from './records.ts'

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
  readonly #saving = new Mutex()

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

  /** This device is out, for good, as far as is known here. */
  get isRevoked(): boolean {
    return this.#log.devices.get(toHex(this.#record.deviceKey))?.revokedAt !== undefined
  }

  isOwnDevice(deviceKey: Uint8Array): boolean {
    return equalBytes(deviceKey, this.#record.deviceKey)
  }

  /** Takes the newest own log, verified, with what it says of this device and its home relays. `also` is written with it. */
  follow(log: IdentityLog, also?: (tx: StoreWriter, relays: readonly RelayUrl[]) => Promise<void>): Promise<void> {
    return this.save((record) => {
      const certificate = log.devices.get(toHex(record.deviceKey))?.certificate ?? record.certificate
      const relays = log.relays.length > 0 ? log.relays : record.relays
      return { ...record, log: encodedLog(log), relays, ...(certificate === undefined ? {} : { certificate }) }
    }, also)
  }

  /** Nothing of the archive is to be read any more; its secret was needed once, after a restore. */
  dropArchiveSeed(): Promise<void> {
    return this.save(({ archiveSeed: _, linked: __, ...record }) => record)
  }

  private save(
    change: (record: SelfRecord) => SelfRecord,
    also?: (tx: StoreWriter, relays: readonly RelayUrl[]) => Promise<void>,
  ): Promise<void> {
    return this.#saving.run(async () => {
      const record = change(this.#record)
      const log = reopenLog(record.log)
      await this.#store.write(async (tx) => {
        tx.put('meta', { key: 'self', value: record })
        await also?.(tx, record.relays)
      })
      this.#record = record
      this.#log = log
    })
  }
}

/** The log with this device in it, signed by the root key. Throws `identity/bad-log`. */
export const certifyDevice = (
  log: IdentityLog | readonly Uint8Array[],
  self: SelfRecord,
  secretKey: Uint8Array,
): Uint8Array[] =>
  appendEntry(
    log,
    {
      kind: 'add-device',
      deviceKey: self.deviceKey,
      introKey: self.introKey,
      ...(self.deviceName === undefined ? {} : { name: self.deviceName }),
    },
    { role: 'root', secretKey },
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
  const stored = await store.read(async (tx) => {
    if ((await tx.get<ImportRecord>('meta', IMPORTING)) !== undefined)
      throw new DchatError('backup/incomplete', { store: 'this store' })
    return tx.get<SelfRecord>('meta', 'self')
  })
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
  const root = roots.root.secretKey
  const base: SelfRecord = {
    address: identity.address,
    log: createLog(roots, identity.kind),
    seed: device.seed,
    deviceKey: device.deviceKey,
    introSeed: device.introSeed,
    introKey: device.introKey,
    relays,
    rootSecret: root,
    ...(deviceName === undefined ? {} : { deviceName }),
    ...(identity.expiresAt === undefined ? {} : { expiresAt: identity.expiresAt }),
  }
  const archiveKey = await crypto.box.publicKey(roots.archiveSeed)
  const record: SelfRecord =
    identity.origin === 'restored'
      ? { ...base, archiveSeed: roots.archiveSeed }
      : certified(appendRelays(certifyDevice(base.log, base, root), base, archiveKey, root), base)
  await store.write(async (tx) => tx.put('meta', { key: 'self', value: record }))
  return new SelfKeeper(store, record)
}

/** The log with the home relays in it, and the key that the archive is sealed by. */
export const appendRelays = (
  log: readonly Uint8Array[],
  self: SelfRecord,
  archiveKey: Uint8Array,
  secretKey: Uint8Array,
): Uint8Array[] =>
  appendEntry(log, { kind: 'set-relays', relays: [...self.relays], archiveKey }, { role: 'root', secretKey })

const certified = (log: readonly Uint8Array[], self: SelfRecord): SelfRecord => {
  const certificate = verifyLog(log).devices.get(toHex(self.deviceKey))?.certificate
  if (certificate === undefined) throw new DchatError('identity/bad-log', { reason: 'the new device is not in it' })
  return { ...self, log, certificate }
}
