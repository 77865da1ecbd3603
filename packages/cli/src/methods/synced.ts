import { DchatError, isDchatError } from '@dchat/sdk/errors'
import { PATIENCE, WAIT } from './defaults.ts'
import type { Engine } from './engine.ts'
import type { Waiting } from './types.ts'

/** Everything that the relays hold is stored. Throws `storage/full` where it cannot be. */
const synced = async ({ client, faults }: Engine, timeout: number, signal: AbortSignal): Promise<void> => {
  const done = new AbortController()
  const either = AbortSignal.any([signal, done.signal])
  const fault = faults.next(either)
  const sync = client.sync({ timeout, signal: either })
  try {
    await Promise.race([sync, fault])
  } catch (error) {
    if (!isDchatError(error, 'storage/full')) throw error
    const hint = 'Free some space and try again; --offline shows what is stored.'
    throw new DchatError('storage/full', error.details, { hint, cause: error })
  } finally {
    done.abort()
    // The one that lost the race ends by the signal.
    sync.catch(() => {})
    fault.catch(() => {})
  }
}

/** Waits for a relay, and until everything that it holds is stored. Throws `transport/unreachable` and `storage/full`. */
export const caughtUp = async (
  engine: Engine,
  { timeout = WAIT, patience = PATIENCE }: Waiting,
  signal: AbortSignal,
): Promise<void> => {
  await engine.online.ready(patience, signal)
  await synced(engine, timeout, signal)
}
