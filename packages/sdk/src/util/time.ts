/**
 * A device's clock is set by people and by the network: it jumps by hours, both ways, and a stored moment may lie ahead of
 * it. So what waits remembers when the wait began. A clock that stands before that moment was put back, and the wait is
 * over; one that jumped ahead ends it early. No wait is ever made longer than twice its length, whatever a clock does
 * (storage.md).
 */
export interface Wait {
  /** When it was planned, by the device's clock (ms since 1970). */
  readonly plannedAt: number
  readonly dueAt: number
}

/** Ends at a whole millisecond, not before `ms` are over: rows hold no fractions. */
export const waitFrom = (now: number, ms: number): Wait => ({ plannedAt: now, dueAt: Math.ceil(now + ms) })

/** ms that are left of a wait; 0: it is over. */
export const leftOf = ({ plannedAt, dueAt }: Wait, now: number): number =>
  now < plannedAt ? 0 : Math.max(0, dueAt - now)

/** ms since a moment that was noted; endless where the clock was put back behind it. */
export const elapsed = (since: number, now: number): number => (now < since ? Number.POSITIVE_INFINITY : now - since)
