import { DchatError, isDchatError } from '../../errors.ts'
import { type IdentityLog, verifyLogAsync } from '../../protocol/identity/log.ts'
import type { RelayUrl } from '../../records/ids.ts'
import type { Abortable } from '../../util/abort.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import { answeringFirst } from '../link-pool.ts'
import { refreshOwnLog } from './refresh-own-log.ts'

const TIMEOUT = 10_000
/** Own devices that sign at the same moment find out at the relay; this many times the later one begins again. */
const TRIES = 5

/** Puts a log where it must not become a fork; true if one of these relays took it. Throws where none can be reached. */
const publishFirst = async (
  core: Core,
  log: readonly Uint8Array[],
  relays: readonly RelayUrl[],
  signal: AbortSignal,
): Promise<boolean> => {
  let failure: unknown
  let refusal: unknown
  for (const relay of relays) {
    try {
      await core.links.get(relay).request('identity.put', { log, fork: false }, { signal, timeout: TIMEOUT })
      return true
    } catch (error) {
      signal.throwIfAborted()
      if (isDchatError(error, 'relay/conflict')) return false
      if (isDchatError(error, 'relay/not-invited')) refusal = error
      else if (isDchatError(error) && error.retryable) failure = error
      else throw error
    }
  }
  throw (
    failure ?? refusal ?? new DchatError('transport/unreachable', { relay: 'home', reason: 'the identity names none' })
  )
}

/**
 * Adds an entry to the own log: at the first home relay that answers before it is kept here, so that two own devices that
 * sign at once cannot fork it. `build` gets the newest log and returns a longer one, or undefined where nothing is to be
 * done. The other home relays follow; where none answers, `instead` are asked, if given. Throws `transport/unreachable`, `identity/frozen` and what `build` throws.
 */
export const appendToOwnLog = async (
  core: Core,
  build: (log: IdentityLog) => Uint8Array[] | undefined | Promise<Uint8Array[] | undefined>,
  options: Abortable & { readonly instead?: readonly RelayUrl[] } = {},
): Promise<void> => {
  const { self, directory, crypto, store, clock, links } = core
  const { signal = core.signal, instead = [] } = options
  for (let tried = 0; tried < TRIES; tried++) {
    const relays = answeringFirst(links, [...self.relays, ...instead])
    await refreshOwnLog(core, { signal, relays })
    const known = directory.peek(self.address) ?? self.log
    const longer = await build(known)
    if (longer === undefined) return
    await verifyLogAsync(crypto, longer, { known })
    if (!(await publishFirst(core, longer, relays, signal))) continue
    await directory.learn([longer])
    await store.write((tx) => putJob(tx, 'publish-log', { kind: 'publish-log' }, clock.now()))
    return
  }
  throw new DchatError('transport/unreachable', {
    relay: 'home',
    reason: 'other devices changed the identity meanwhile',
  })
}
