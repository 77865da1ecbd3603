import type { RelayUrl } from '../records/ids.ts'
import type { Abortable } from '../util/abort.ts'
import type { Core } from './core.ts'

/**
 * Shows a home relay that this is the device whose inbox, key packages and archive are asked for. Rejects with
 * `transport/unreachable` where it does not answer: work there comes back later, and other work goes on.
 */
export const proveDevice = async (core: Core, relay: RelayUrl, options: Abortable): Promise<void> => {
  const { deviceKey, seed } = core.self.record
  const sign = (message: Uint8Array) => core.crypto.ed25519.sign(seed, message)
  await core.links.reach(relay, options)
  await core.links.get(relay).prove({ kind: 'device', subject: deviceKey, publicKey: deviceKey, sign }, options)
}
