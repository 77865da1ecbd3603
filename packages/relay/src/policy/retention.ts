import type { SweepTimes } from '../store/store.ts'

const DAY = 24 * 60 * 60 * 1000

/** Days for which a relay keeps things. */
export interface Retention {
  /** Bodies of application entries, inbox items and blobs. */
  readonly days: number
  /** Commits and successor lists: whoever was away that long rejoins. */
  readonly commitDays: number
}

export const DEFAULT_RETENTION: Retention = { days: 30, commitDays: 365 }

/** For how long the references of fetched inbox items and the hashes of claimed packages answer repetitions. */
const REFERENCE_DAYS = 30

/** What is due at `now`: everything older than these times. Commits never go before messages. */
export const sweepTimes = ({ days, commitDays }: Retention, now: number): SweepTimes => ({
  entries: now - days * DAY,
  commits: now - Math.max(days, commitDays) * DAY,
  successors: now - Math.max(days, commitDays) * DAY,
  inbox: now - days * DAY,
  references: now - REFERENCE_DAYS * DAY,
  blobs: now - days * DAY,
})
