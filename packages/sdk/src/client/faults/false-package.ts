import { DchatError, isDchatError } from '../../errors.ts'
import { isCertified } from '../../protocol/identity/log.ts'
import type { Address, RelayUrl } from '../../records/ids.ts'
import type { Core } from '../core.ts'
import { keepAndTell } from './hub-fault.ts'

const TIMEOUT = 10_000

/**
 * A relay gave a key package that cannot be used. One that is too old, or of a device that is out, may come from an honest
 * relay. One of a device that no log of this person certifies, the relay's own included, may not: a relay takes packages
 * from certified devices only, so it made this one up, or let somebody else do so.
 */
export const holdToPackage = async (
  core: Core,
  relay: RelayUrl,
  address: Address,
  bytes: Uint8Array,
): Promise<void> => {
  const { directory, engine, links, signal, clock } = core
  const isFalse = async (): Promise<boolean> => {
    const { identity } = await engine.readKeyPackage(bytes)
    if (identity.address !== address) return true
    const { logs } = await links.get(relay).request('identity.get', { address }, { signal, timeout: TIMEOUT })
    await directory.learn(logs)
    const log = await directory.get(address)
    return log === undefined || !isCertified(log, identity)
  }
  const fails = (error: unknown): boolean => {
    signal.throwIfAborted()
    if (!isDchatError(error)) throw error
    // What cannot be read or verified was made up; what could not be asked is not known.
    return !/^(transport|storage)\//.test(error.code)
  }
  if (!(await isFalse().catch(fails))) return
  const { code, message } = new DchatError('relay/false-key-package', { relay })
  await keepAndTell(core, relay, { relay, code, message, receipts: [], at: clock.now() })
}
