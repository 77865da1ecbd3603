import { DchatError, isDchatError } from '../../errors.ts'
import type { IdentityLog } from '../../protocol/identity/log.ts'
import { isActive } from '../../protocol/identity/log.ts'
import { decodeManifest, openManifest, type SignedManifest, signManifest } from '../../protocol/messages/bot.ts'
import type { ControlChange } from '../../protocol/messages/control-change.ts'
import type { BotManifest } from '../../records/bot.ts'
import type { Address } from '../../records/ids.ts'
import type { Core } from '../core.ts'
import { relaysOfContact } from '../people/names.ts'
import { proveDevice } from '../prove-device.ts'

/** Manifests stand beside the key packages of a device, under a name that no suite has (bots.md). */
const SHELF = 'manifest'
const TIMEOUT = 30_000
/** meta: the own manifest's number. */
const OWN = 'manifest'

/** Whether this identity is a bot: it published a manifest here. */
export const isBot = async ({ store }: Pick<Core, 'store'>): Promise<boolean> =>
  (await store.read((tx) => tx.get<number>('meta', OWN))) !== undefined

/** Signs the manifest and leaves it at each home relay; one that took it is enough. Throws `usage/invalid-argument`. */
export const publishManifest = async (core: Core, manifest: BotManifest): Promise<void> => {
  const { self, crypto, clock, links, store, signal } = core
  const before = (await store.read((tx) => tx.get<number>('meta', OWN))) ?? 0
  const known = await findManifest(core, self.address)
  const fresh = Math.max(clock.now(), before + 1, (known?.number ?? 0) + 1)
  const signed = await signManifest(crypto, self.record, self.address, fresh, manifest)
  const said = checked(signed)
  // The same again is the same: nobody is to accept it anew.
  const { bytes, number } =
    known !== undefined && isSame(known.manifest, said) ? known : { bytes: signed, number: fresh }
  await store.write(async (tx) => tx.put('meta', { key: OWN, value: number }))
  let failure: unknown
  let published = false
  for (const relay of self.relays) {
    try {
      await proveDevice(core, relay, { signal })
      const params = { device: self.record.deviceKey, suite: SHELF, oneTime: [], lastResort: bytes }
      await links.get(relay).request('keys.publish', params, { signal, timeout: TIMEOUT })
      published = true
    } catch (error) {
      signal.throwIfAborted()
      if (!isDchatError(error)) throw error
      failure = error
    }
  }
  if (!published) throw failure
}

/** As others will read it. */
const checked = (bytes: Uint8Array): BotManifest => {
  try {
    return decodeManifest(bytes).manifest
  } catch (error) {
    if (!isDchatError(error)) throw error
    throw new DchatError('usage/invalid-argument', { name: 'manifest', reason: error.message }, { cause: error })
  }
}

/** Both were decoded, so their fields stand in one order. */
const isSame = (a: BotManifest, b: BotManifest): boolean => JSON.stringify(a) === JSON.stringify(b)

export interface FoundManifest extends SignedManifest {
  readonly bytes: Uint8Array
}

/** The newest manifest that the bot's relays hold; undefined where there is none. Throws `identity/unknown-peer`. */
export const findManifest = async (core: Core, address: Address): Promise<FoundManifest | undefined> => {
  const { directory, store, links, self, signal } = core
  if (address !== self.address) {
    const hints = await store.read((tx) => relaysOfContact(tx, address))
    await directory.lookUp(address, { hints, home: self.relays }, { signal })
  }
  let found: FoundManifest | undefined
  let failure: unknown
  for (const relay of directory.relaysOf(address)) {
    try {
      const { packages } = await links
        .get(relay)
        .request('keys.claim', { address, suite: SHELF }, { signal, timeout: TIMEOUT })
      for (const { package: bytes } of packages) {
        const opened = await genuine(core, address, bytes)
        if (opened !== undefined && opened.number > (found?.number ?? 0)) found = { ...opened, bytes }
      }
      failure = undefined
    } catch (error) {
      signal.throwIfAborted()
      if (!isDchatError(error)) throw error
      failure ??= error
    }
  }
  if (found === undefined && failure !== undefined) throw failure
  return found
}

const genuine = async (
  { crypto, directory, log }: Core,
  address: Address,
  bytes: Uint8Array,
): Promise<SignedManifest | undefined> => {
  try {
    const opened = await openManifest(crypto, bytes)
    if (opened.address === address && directory.isActive(address, opened.deviceKey)) return opened
  } catch (error) {
    if (!isDchatError(error)) throw error
    log.info('manifest dropped', { code: error.code })
  }
  return undefined
}

/** What the manifests in a commit let bots read: those that a device signed which is active by the log that it carries. */
export const acceptable = async (
  { crypto }: Pick<Core, 'crypto'>,
  logs: ReadonlyMap<Address, IdentityLog>,
  changes: readonly ControlChange[],
): Promise<ReadonlyMap<Address, BotManifest['read']>> => {
  const reads = new Map<Address, BotManifest['read']>()
  for (const change of changes) {
    if (change.kind !== 'bot') continue
    const log = logs.get(change.address)
    if (log === undefined) continue
    try {
      const { address, deviceKey, manifest } = await openManifest(crypto, change.manifest)
      if (address === change.address && isActive(log, deviceKey)) reads.set(address, manifest.read)
    } catch (error) {
      if (!isDchatError(error)) throw error
    }
  }
  return reads
}
