import { SUITES } from '../../protocol/mls/engine.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Core } from '../core.ts'
import { lifetimeOf, makeKeyPackage } from '../key-packages.ts'
import { proveDevice } from '../prove-device.ts'
import type { StockRecord } from '../records.ts'

/** One-time packages that each home relay should hold per suite, and the stock below which more are sent. */
const STOCK = 12
const LOW = 4
const TIMEOUT = 30_000
/** Seconds of a lifetime that are left at least of what a relay hands out. */
const FRESH = 30 * 24 * 3600

/**
 * Fills the stock at one home relay; each relay gets packages of its own. A stock that is no longer good, by age or because
 * the clock was wrong when it was made, is replaced: nobody could add this device with it.
 */
export const stockKeyPackages = async (core: Core, relay: RelayUrl): Promise<void> => {
  const device = core.self.record.deviceKey
  const link = core.links.get(relay)
  const options = { signal: core.signal, timeout: TIMEOUT }
  await proveDevice(core, relay, options)
  for (const suite of SUITES) {
    const key = `stock/${suite}/${relay}`
    const known = await core.store.read((tx) => tx.get<StockRecord>('meta', key))
    const replace = !isGood(known, core.clock.now() / 1000)
    const held = await link.request('keys.count', { device, suite }, options)
    if (!replace && held.count >= LOW && held.lastResort) continue
    const lifetime = lifetimeOf(core)
    const make = async (lastResort: boolean) =>
      (await makeKeyPackage(core, suite, { lifetime, lastResort })).publicPackage
    const oneTime: Uint8Array[] = []
    for (let have = replace ? 0 : held.count; have < STOCK; have++) oneTime.push(await make(false))
    const rest = {
      ...(replace || !held.lastResort ? { lastResort: await make(true) } : {}),
      ...(replace ? { replace } : {}),
    }
    await link.request('keys.publish', { device, suite, oneTime, ...rest }, options)
    const value: StockRecord = replace || known === undefined ? lifetime : both(known, lifetime)
    await core.store.write(async (tx) => tx.put('meta', { key, value }))
  }
}

const isGood = (stock: StockRecord | undefined, now: number): boolean =>
  stock !== undefined && stock.notBefore <= now && now <= stock.notAfter - FRESH

const both = (a: StockRecord, b: StockRecord): StockRecord => ({
  notBefore: Math.max(a.notBefore, b.notBefore),
  notAfter: Math.min(a.notAfter, b.notAfter),
})
