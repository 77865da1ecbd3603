import { DchatError, isDchatError } from '@dchat/sdk/errors'
import { PATIENCE } from './defaults.ts'
import type { Engine } from './engine.ts'

export interface Hints {
  /** What no relay means for what was asked. */
  readonly unreachable?: string
  /** The same of a full disk, and of a confirmation that does not come. */
  readonly full?: string
  readonly unconfirmed?: string
}

const explained = (error: unknown, { unreachable, full, unconfirmed }: Hints): unknown => {
  if (isDchatError(error, 'transport/unreachable') && unreachable !== undefined)
    return new DchatError('transport/unreachable', error.details, { hint: unreachable, cause: error })
  if (isDchatError(error, 'storage/full') && full !== undefined)
    return new DchatError('storage/full', error.details, { hint: full, cause: error })
  if (isDchatError(error, 'transport/unconfirmed') && unconfirmed !== undefined)
    return new DchatError('transport/unconfirmed', error.details, { hint: unconfirmed, cause: error })
  return error
}

/**
 * What `work` comes to, unless no relay is there for `patience` ms or the disk is full meanwhile: then that is thrown,
 * with the hint that tells what it means.
 */
export const confirmed = async <T>(
  { online, faults }: Pick<Engine, 'online' | 'faults'>,
  { patience = PATIENCE, hints = {} }: { patience?: number | undefined; hints?: Hints },
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const done = new AbortController()
  const either = AbortSignal.any([signal, done.signal])
  const lost = online.lost(patience, either)
  const fault = faults.next(either)
  const worked = work(either)
  try {
    return await Promise.race([worked, lost, fault])
  } catch (error) {
    throw explained(error, hints)
  } finally {
    done.abort()
    // Those that lost the race end by the signal.
    worked.catch(() => {})
    lost.catch(() => {})
    fault.catch(() => {})
  }
}
