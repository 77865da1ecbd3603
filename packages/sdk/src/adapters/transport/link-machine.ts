import type { DchatError } from '../../errors.ts'
import type { LinkState } from '../../ports/transport.ts'
import { elapsed, leftOf, type Wait, waitFrom } from '../../util/time.ts'
import { type Backoff, offlinePauseOf, pauseOf } from './backoff.ts'

/** The reason of a link that waits for a network. */
const OFFLINE = 'offline'

/** The states of a link, and what leads from one to the next. Pure: time and chance are arguments. */
export type Phase =
  | { readonly phase: 'idle' }
  /** A socket is being opened, or hello and welcome are on their way. */
  | { readonly phase: 'connecting'; readonly failures: number }
  /** The relay is known; the proofs are being repeated. */
  | { readonly phase: 'proving'; readonly failures: number; readonly welcome: Welcomed }
  | { readonly phase: 'ready'; readonly failures: number; readonly welcome: Welcomed; readonly since: number }
  | {
      readonly phase: 'waiting'
      readonly failures: number
      readonly retryAt: number
      readonly reason: string
      /** Set where a repetition cannot help by itself: waiting callers are told. */
      readonly refusal?: DchatError
      /** The relay asked to be left alone: no happening brings the next attempt forward before that. */
      readonly asked?: Wait & { readonly reason: string }
    }
  | { readonly phase: 'closed' }

export interface Welcomed {
  readonly relayKey: Uint8Array
  readonly version: number
}

export type LinkEvent =
  | { readonly event: 'wanted' }
  | { readonly event: 'welcomed'; readonly welcome: Welcomed }
  | { readonly event: 'proven' }
  | { readonly event: 'lost'; readonly reason: string; readonly refusal?: DchatError }
  | { readonly event: 'goodbye'; readonly reason: string; readonly retryAfter: number }
  | { readonly event: 'due' }
  /** The machine is said to have lost its network, or to have one again. */
  | { readonly event: 'offline' }
  | { readonly event: 'online' }
  /** The program may not have run for a while: what it knew of its connection is old. */
  | { readonly event: 'awake' }
  | { readonly event: 'close' }

/** What the machine asks of its surroundings after a step. */
export type Effect =
  | { readonly effect: 'dial' }
  | { readonly effect: 'prove' }
  | { readonly effect: 'resume' }
  /** Ask at once whether the connection still lives. */
  | { readonly effect: 'check' }
  /** Forget the connection: everything that waits for an answer fails. */
  | { readonly effect: 'drop' }
  /** Send nothing more, but hear the answers that are on their way until the relay closes. */
  | { readonly effect: 'drain' }
  | { readonly effect: 'schedule'; readonly delay: number }
  | { readonly effect: 'finish' }

/** What a step depends on besides phase and event. */
export interface Moment {
  readonly now: number
  /** 0 to 1. */
  readonly fraction: number
  readonly backoff: Backoff
  /** False where the machine says that it has no network. */
  readonly online: boolean
}

export interface Step {
  readonly phase: Phase
  readonly effects: readonly Effect[]
}

const unchanged = (phase: Phase): Step => ({ phase, effects: [] })

export const step = (phase: Phase, event: LinkEvent, moment: Moment): Step => {
  if (phase.phase === 'closed') return unchanged(phase)
  switch (event.event) {
    case 'wanted':
      if (phase.phase !== 'idle') return unchanged(phase)
      return { phase: { phase: 'connecting', failures: 0 }, effects: [{ effect: 'dial' }] }
    case 'welcomed':
      if (phase.phase !== 'connecting') return unchanged(phase)
      return {
        phase: { phase: 'proving', failures: phase.failures, welcome: event.welcome },
        effects: [{ effect: 'prove' }],
      }
    case 'proven':
      if (phase.phase !== 'proving') return unchanged(phase)
      return { phase: { ...phase, phase: 'ready', since: moment.now }, effects: [{ effect: 'resume' }] }
    case 'lost':
      return pause(phase, event, moment)
    case 'goodbye':
      return pause(phase, event, moment)
    case 'due':
      return phase.phase === 'waiting' ? redial(phase.failures) : unchanged(phase)
    case 'offline':
      return offline(phase, moment)
    case 'online':
      return online(phase, moment)
    case 'awake':
      return awake(phase, moment)
    case 'close':
      return { phase: { phase: 'closed' }, effects: [{ effect: 'finish' }] }
  }
}

const redial = (failures: number): Step => ({
  phase: { phase: 'connecting', failures },
  effects: [{ effect: 'drop' }, { effect: 'dial' }],
})

/** Trying is pointless now. A connection that stands may know better (a relay on this machine): it is asked. */
const offline = (phase: Phase, moment: Moment): Step => {
  switch (phase.phase) {
    case 'connecting':
    case 'proving':
      return pause(phase, { event: 'lost', reason: OFFLINE }, { ...moment, online: false })
    case 'ready':
      return { phase, effects: [{ effect: 'check' }] }
    case 'waiting': {
      const delay = Math.max(offlinePauseOf(moment.backoff, moment.fraction), stillAsked(phase, moment))
      const { refusal: _, ...rest } = phase
      return {
        phase: { ...rest, reason: OFFLINE, retryAt: moment.now + delay },
        effects: [{ effect: 'schedule', delay }],
      }
    }
    default:
      return unchanged(phase)
  }
}

/** There may be a network, and it may be another one: earlier failures do not count, nor does an attempt on the way. */
const online = (phase: Phase, moment: Moment): Step => {
  switch (phase.phase) {
    case 'connecting':
    case 'proving':
      return redial(0)
    case 'ready':
      return { phase, effects: [{ effect: 'check' }] }
    case 'waiting': {
      const delay = stillAsked(phase, moment)
      if (delay === 0) return redial(0)
      const { reason } = phase.asked ?? phase
      return {
        phase: { ...phase, failures: 0, reason, retryAt: moment.now + delay },
        effects: [{ effect: 'schedule', delay }],
      }
    }
    default:
      return unchanged(phase)
  }
}

const awake = (phase: Phase, moment: Moment): Step => {
  if (phase.phase === 'ready') return { phase, effects: [{ effect: 'check' }] }
  if (phase.phase !== 'waiting') return unchanged(phase)
  const left = phase.retryAt - moment.now
  const delay = moment.online ? stillAsked(phase, moment) : left <= moment.backoff.offline ? left : 0
  if (delay <= 0) return redial(phase.failures)
  return { phase: { ...phase, retryAt: moment.now + delay }, effects: [{ effect: 'schedule', delay }] }
}

/** ms for which the relay is still to be left alone; none after the clock was put back. */
const stillAsked = ({ asked }: Extract<Phase, { phase: 'waiting' }>, { now }: Moment): number =>
  asked ? leftOf(asked, now) : 0

const pause = (
  phase: Phase,
  event: Extract<LinkEvent, { event: 'lost' | 'goodbye' }>,
  { now, fraction, backoff, online }: Moment,
): Step => {
  if (phase.phase === 'idle' || phase.phase === 'waiting' || phase.phase === 'closed') return unchanged(phase)
  const failures = phase.phase === 'ready' && elapsed(phase.since, now) >= backoff.stable ? 0 : phase.failures
  const refusal = event.event === 'lost' ? event.refusal : undefined
  const asked = event.event === 'goodbye' ? event.retryAfter : 0
  const tries = refusal ? Number.POSITIVE_INFINITY : failures
  const delay = asked + (online ? pauseOf(backoff, tries, fraction) : offlinePauseOf(backoff, fraction))
  return {
    phase: {
      phase: 'waiting',
      // What fails without a network is not the relay's failure.
      failures: online ? failures + 1 : failures,
      retryAt: now + delay,
      reason: online ? event.reason : OFFLINE,
      ...(refusal && { refusal }),
      ...(asked > 0 && { asked: { ...waitFrom(now, delay), reason: event.reason } }),
    },
    effects: [{ effect: event.event === 'goodbye' ? 'drain' : 'drop' }, { effect: 'schedule', delay }],
  }
}

/** What the port shows of a phase. */
export const stateOf = (phase: Phase): LinkState => {
  switch (phase.phase) {
    case 'idle':
    case 'closed':
      return { state: phase.phase }
    case 'connecting':
    case 'proving':
      return { state: 'connecting' }
    case 'ready':
      return { state: 'ready', relayKey: phase.welcome.relayKey, version: phase.welcome.version }
    case 'waiting':
      return { state: 'waiting', retryAt: phase.retryAt, reason: phase.reason }
  }
}
