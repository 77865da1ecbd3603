import type { DchatError } from '../../errors.ts'
import type { LinkState } from '../../ports/transport.ts'
import { type Backoff, pauseOf } from './backoff.ts'

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
  | { readonly event: 'close' }

/** What the machine asks of its surroundings after a step. */
export type Effect =
  | { readonly effect: 'dial' }
  | { readonly effect: 'prove' }
  | { readonly effect: 'resume' }
  /** Forget the connection: everything that waits for an answer fails. */
  | { readonly effect: 'drop' }
  /** Send nothing more, but hear the answers that are on their way until the relay closes. */
  | { readonly effect: 'drain' }
  | { readonly effect: 'schedule'; readonly delay: number }
  | { readonly effect: 'finish' }

export interface Surroundings {
  readonly now: number
  /** 0 to 1. */
  readonly fraction: number
  readonly backoff: Backoff
}

export interface Step {
  readonly phase: Phase
  readonly effects: readonly Effect[]
}

const unchanged = (phase: Phase): Step => ({ phase, effects: [] })

export const step = (phase: Phase, event: LinkEvent, surroundings: Surroundings): Step => {
  if (phase.phase === 'closed') return unchanged(phase)
  const { now } = surroundings
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
      return { phase: { ...phase, phase: 'ready', since: now }, effects: [{ effect: 'resume' }] }
    case 'lost':
      return pause(phase, event, surroundings)
    case 'goodbye':
      return pause(phase, event, surroundings)
    case 'due':
      if (phase.phase !== 'waiting') return unchanged(phase)
      return {
        phase: { phase: 'connecting', failures: phase.failures },
        effects: [{ effect: 'drop' }, { effect: 'dial' }],
      }
    case 'close':
      return { phase: { phase: 'closed' }, effects: [{ effect: 'finish' }] }
  }
}

const pause = (
  phase: Phase,
  event: Extract<LinkEvent, { event: 'lost' | 'goodbye' }>,
  { now, fraction, backoff }: Surroundings,
): Step => {
  if (phase.phase === 'idle' || phase.phase === 'waiting' || phase.phase === 'closed') return unchanged(phase)
  const failures = phase.phase === 'ready' && now - phase.since >= backoff.stable ? 0 : phase.failures
  const refusal = event.event === 'lost' ? event.refusal : undefined
  const asked = event.event === 'goodbye' ? event.retryAfter : 0
  const delay =
    asked + (refusal ? pauseOf(backoff, Number.POSITIVE_INFINITY, fraction) : pauseOf(backoff, failures, fraction))
  return {
    phase: {
      phase: 'waiting',
      failures: failures + 1,
      retryAt: now + delay,
      reason: event.reason,
      ...(refusal && { refusal }),
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
