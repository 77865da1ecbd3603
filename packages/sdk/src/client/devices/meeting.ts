import { DchatError, isDchatError } from '../../errors.ts'
import type { Clock } from '../../ports/clock.ts'
import type { RelayLink } from '../../ports/transport.ts'
import { RENDEZVOUS_WAIT_LIMIT } from '../../protocol/wire/limits.ts'
import type { RendezvousSide } from '../../protocol/wire/methods.ts'
import type { Abortable } from '../../util/abort.ts'

const PAUSE = 1_000
/** ms more than the relay may wait. */
const SLACK = 10_000

/** One slot of a rendezvous: what is left there and what is waited for, until its time is over. */
export interface Meeting {
  readonly link: RelayLink
  readonly clock: Clock
  readonly slot: Uint8Array
  /** ms since 1970. */
  readonly expiresAt: number
}

/** Tries again while the relay is away; `identity/link-expired` when the time is over. */
const persistently = async <T>(
  { clock, expiresAt }: Meeting,
  attempt: (left: number) => Promise<T | undefined>,
  { signal }: Abortable,
): Promise<T> => {
  while (true) {
    const left = expiresAt - clock.now()
    if (left <= 0) throw new DchatError('identity/link-expired', {})
    try {
      const result = await attempt(left)
      if (result !== undefined) return result
    } catch (error) {
      signal?.throwIfAborted()
      if (!isDchatError(error) || !error.retryable) throw error
      const pause = isDchatError(error, 'transport/rate-limited') ? error.details.retryAfter : PAUSE
      await clock.sleep(Math.min(pause, left), { ...(signal === undefined ? {} : { signal }) })
    }
  }
}

/** Throws `relay/conflict` where something else stands, `identity/link-expired`. */
export const leave = async (
  meeting: Meeting,
  side: RendezvousSide,
  index: number,
  body: Uint8Array,
  options: Abortable,
): Promise<void> => {
  const { link, slot } = meeting
  const put = async (left: number): Promise<true> => {
    await link.request('rendezvous.put', { slot, side, index, body }, { ...options, timeout: Math.min(left, SLACK) })
    return true
  }
  await persistently(meeting, put, options)
}

/** What stands there now. */
export const look = async (
  { link, slot }: Pick<Meeting, 'link' | 'slot'>,
  side: RendezvousSide,
  index: number,
  options: Abortable,
): Promise<Uint8Array | undefined> => {
  const params = { slot, side, index, wait: 0 }
  return (await link.request('rendezvous.get', params, { ...options, timeout: SLACK })).body ?? undefined
}

/** Waits for the other side's message. Throws `identity/link-expired`. */
export const hear = async (
  meeting: Meeting,
  side: RendezvousSide,
  index: number,
  options: Abortable,
): Promise<Uint8Array> => {
  const { link, slot } = meeting
  const get = async (left: number): Promise<Uint8Array | undefined> => {
    const wait = Math.min(RENDEZVOUS_WAIT_LIMIT, left)
    const params = { slot, side, index, wait }
    return (await link.request('rendezvous.get', params, { ...options, timeout: wait + SLACK })).body ?? undefined
  }
  return persistently(meeting, get, options)
}
