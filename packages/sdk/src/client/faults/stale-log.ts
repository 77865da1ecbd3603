import { DchatError, isDchatError } from '../../errors.ts'
import { encodedLog, type IdentityLog } from '../../protocol/identity/log.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'
import type { Core } from '../core.ts'
import { keepAndTell } from './hub-fault.ts'

const TIMEOUT = 10_000

/**
 * A relay served less of a log than is known here. It may have been away when the log grew: it is given the longer one, and
 * asked again. One that took it and still serves the older one keeps something back on purpose.
 */
export const holdToLog = async (
  core: Pick<Core, 'store' | 'events' | 'links' | 'clock' | 'signal'>,
  relay: RelayUrl,
  known: IdentityLog,
  { signal = core.signal }: Abortable = {},
): Promise<void> => {
  const link = core.links.get(relay)
  const options = { signal, timeout: TIMEOUT }
  const { address, entries } = known
  try {
    const { length } = await link.request('identity.put', { log: encodedLog(known), fork: false }, options)
    const { logs } = await link.request('identity.get', { address }, options)
    if (length < entries.length || logs.some((log) => log.length >= entries.length)) return
  } catch (error) {
    signal.throwIfAborted()
    // What it may refuse is no lie.
    if (!isDchatError(error)) throw error
    return
  }
  const { code, message } = new DchatError('relay/stale-identity-log', { relay })
  await keepAndTell(core, relay, { relay, code, message, receipts: [], at: core.clock.now() })
}
