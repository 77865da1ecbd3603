import { COMMIT_WINDOW } from './negotiate.ts'
import { type Deal, liveRevision, type OfferThread, type ThreadState } from './thread.ts'

/** A thread's state as people see it at a time: expiry and lapse are views, no events. */
export const stateAt = (thread: OfferThread, now: number): ThreadState | 'expired' =>
  thread.state === 'open' && now > liveRevision(thread).expiresAt ? 'expired' : thread.state

export const dealStateAt = ({ state, at }: Deal, now: number): Deal['state'] | 'lapsed' =>
  state === 'pending' && now > at + COMMIT_WINDOW ? 'lapsed' : state
