import type { Delivery, Outcome } from '../queue/queue.ts'
import type { Delivered } from './endpoint.ts'

/** When a failed delivery is tried again: a pure decision. */

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** What lies before each attempt, ms; there is no attempt behind the last. */
export const SCHEDULE: readonly number[] = [
  0,
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  10 * HOUR,
]

/** So many attempts hold the lane of a conversation; then the events behind go on. */
export const LANE_ATTEMPTS = 3

/** A pause that an endpoint asks for counts up to here. */
const LONGEST_PAUSE = 24 * HOUR

/** An endpoint that only fails for so long is disabled, if it failed as often as one event may. */
export const DISABLE_AFTER = 5 * 24 * HOUR
export const DISABLE_FAILURES = SCHEDULE.length

/** How long an endpoint wants nothing, ms. */
export const pauseOf = (delivered: Delivered): number =>
  delivered.state === 'again' ? Math.min(Math.max(delivered.after ?? 0, 0), LONGEST_PAUSE) : 0

/** What becomes of a delivery. `chance` is a random number from 0 up to 1, for the jitter of ±20 %. */
export const decide = (delivery: Delivery, delivered: Delivered, now: number, chance: number): Outcome => {
  const status = delivered.status === undefined ? {} : { status: delivered.status }
  if (delivered.state === 'done') return { state: 'done', ...status }
  if (delivered.state === 'gone') return { state: 'dead', reason: GONE, ...status }
  const { reason } = delivered
  const failed = delivery.attempts + 1
  const delay = SCHEDULE[failed]
  if (delivered.state === 'dead' || delay === undefined) return { state: 'dead', reason, ...status }
  const wait = Math.max(Math.round(delay * (0.8 + 0.4 * chance)), pauseOf(delivered))
  const place = delivery.place === 'lane' && failed < LANE_ATTEMPTS ? 'lane' : 'background'
  return { state: 'again', dueAt: now + wait, place, reason, ...status }
}

export const GONE = 'the endpoint wants no more events (410)'
