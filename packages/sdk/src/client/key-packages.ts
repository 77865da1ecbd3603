import { isDchatError } from '../errors.ts'
import { activeDevices, indexOfHead, isCertified } from '../protocol/identity/log.ts'
import type { KeyPackagePair, Suite } from '../protocol/mls/engine.ts'
import type { Address, RelayUrl } from '../records/ids.ts'
import { equalBytes, toHex } from '../util/bytes.ts'
import type { Core } from './core.ts'
import { answeringFirst } from './link-pool.ts'
import type { KeyPackageRecord, StockRecord } from './records.ts'

const TIMEOUT = 30_000
const DAY = 24 * 3600
const LIFETIME = 90 * DAY

/** The lifetime of a package that is made now; it begins a day earlier, because clocks differ. */
export const lifetimeOf = ({ clock }: Pick<Core, 'clock'>): StockRecord => {
  const now = Math.floor(clock.now() / 1000)
  return { notBefore: now - DAY, notAfter: now + LIFETIME }
}

/** A package whose private half is stored before the public one is shown to anybody. */
export const makeKeyPackage = async (
  core: Core,
  suite: Suite,
  { lifetime = lifetimeOf(core), lastResort = false }: { lifetime?: StockRecord; lastResort?: boolean } = {},
): Promise<KeyPackagePair> => {
  const pair = await core.engine.createKeyPackage(suite, core.self.leaf, core.self.record.seed, {
    ...lifetime,
    lastResort,
    logHead: core.self.log.head,
  })
  const value: KeyPackageRecord = {
    suite,
    publicPackage: pair.publicPackage,
    privatePackage: pair.privatePackage,
    lastResort,
    notAfter: lifetime.notAfter,
  }
  await core.store.write(async (tx) => tx.put('keyPackages', { key: toHex(pair.reference), value }))
  return pair
}

export const findKeyPackage = async (
  core: Core,
  reference: Uint8Array,
): Promise<{ pair: KeyPackagePair; lastResort: boolean; restored?: true } | undefined> => {
  const record = await core.store.read((tx) => tx.get<KeyPackageRecord>('keyPackages', toHex(reference)))
  if (record === undefined) return undefined
  const { publicPackage, privatePackage, lastResort, restored } = record
  return { pair: { publicPackage, privatePackage, reference }, lastResort, ...(restored && { restored }) }
}

export interface ClaimedDevice {
  readonly deviceKey: Uint8Array
  readonly keyPackage: Uint8Array
  readonly reference: Uint8Array
}

/**
 * One package for each active device of a person, each checked against the person's log; fewer, or none, when their
 * relays have run out.
 */
export const claimKeyPackages = async (
  core: Core,
  address: Address,
  suite: Suite,
): Promise<readonly ClaimedDevice[]> => {
  const log = await core.directory.get(address)
  const wanted =
    log === undefined ? [] : activeDevices(log).filter(({ deviceKey }) => !core.self.isOwnDevice(deviceKey))
  const claimed = new Map<string, ClaimedDevice>()
  let failure: unknown
  for (const relay of answeringFirst(core.links, core.directory.relaysOf(address))) {
    if (claimed.size >= wanted.length) break
    const packages = await packagesAt(core, relay, address, suite).catch((error: unknown) => {
      core.signal.throwIfAborted()
      // One that is gone, or wants to be asked less often, does not keep the others from being asked.
      if (!isDchatError(error) || !error.retryable) throw error
      failure = error
      return []
    })
    for (const { package: bytes } of packages) {
      const device = await checkPackage(core, address, suite, bytes).catch(unreadable)
      if (device === undefined) await (await import('./later.ts')).holdToPackage(core, relay, address, bytes)
      else if (!claimed.has(toHex(device.deviceKey))) claimed.set(toHex(device.deviceKey), device)
    }
  }
  if (claimed.size === 0 && failure !== undefined) throw failure
  return [...claimed.values()]
}

/** What one relay gives is its word alone: the others are asked all the same. */
const unreadable = (error: unknown): undefined => {
  if (!isDchatError(error)) throw error
}

const packagesAt = async ({ links, signal }: Core, relay: RelayUrl, address: Address, suite: Suite) => {
  await links.reach(relay, { signal })
  const { packages } = await links.get(relay).request('keys.claim', { address, suite }, { signal, timeout: TIMEOUT })
  return packages
}

/**
 * The adder checks lifetime, certificate, and that its copy of the log contains the head that the package names: a relay
 * that serves an older log hides nothing. Receivers of the commit never check the lifetime.
 */
export const checkPackage = async (
  core: Core,
  address: Address,
  suite: Suite,
  bytes: Uint8Array,
): Promise<ClaimedDevice | undefined> => {
  const info = await core.engine.readKeyPackage(bytes)
  const log = await core.directory.get(address)
  const now = core.clock.now() / 1000
  const fits =
    log !== undefined &&
    info.suite === suite &&
    info.identity.address === address &&
    isCertified(log, info.identity) &&
    core.directory.isActive(address, info.identity.deviceKey) &&
    info.logHead !== undefined &&
    indexOfHead(log, info.logHead) !== undefined &&
    info.notBefore <= now &&
    now <= info.notAfter
  const own = equalBytes(info.identity.deviceKey, core.self.record.deviceKey)
  if (!fits || own) return undefined
  return { deviceKey: info.identity.deviceKey, keyPackage: bytes, reference: info.reference }
}
