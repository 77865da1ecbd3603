import { DchatError, isDchatError } from '@dchat/sdk/errors'
import { PATIENCE, WAIT } from './defaults.ts'
import type { Engine } from './engine.ts'
import type { Waiting } from './types.ts'

/**
 * Everything that the relays hold is stored, and what was to go out is out. Throws `storage/full` where it cannot be, and
 * `transport/unreachable` where a relay takes connections and says nothing: it is so with the others then.
 */
export const synced = async (
  { client, faults }: Pick<Engine, 'client' | 'faults'>,
  timeout: number,
  signal: AbortSignal,
): Promise<void> => {
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

/**
 * Waits for a relay, and until everything is stored that those hold which answer; one that says nothing is named on the side.
 * Throws `transport/unreachable` where none is there, and `storage/full`.
 */
export const caughtUp = async (
  engine: Engine,
  { timeout = WAIT, patience = PATIENCE }: Waiting,
  signal: AbortSignal,
): Promise<void> => {
  await engine.online.ready(patience, signal)
  try {
    await synced(engine, timeout, signal)
  } catch (error) {
    if (!isDchatError(error, 'transport/unreachable')) throw error
    engine.note(`${error.message} What it holds is not here yet.`)
  }
}
