import type { Consent } from '../../records/people.ts'
import type { Settings } from '../../records/personal.ts'

/** ms that typing is shown. */
export const TYPING_SHOWN = 5_000
/** ms between two signals of one who goes on typing. */
export const TYPING_PAUSE = 3_000
/** ms between two signs of life, on average. */
export const BEAT = 60_000
/** ms within which a device that goes on gives no second sign of life, but for answers. */
export const SOONER = 35_000
/** ms without one after which somebody counts as gone. */
export const LAPSE = 150_000
/** Conversations whose signals are heard: the newest ones. */
export const WATCHED = 50
/** People up to whom typing is told in a group. */
export const TYPING_PEOPLE = 50

/** What decides which signals of a conversation are told and heard. */
export interface Standing {
  readonly kind: 'dm' | 'group'
  /** This device is in, and the conversation is neither a request nor over. */
  readonly isOpen: boolean
  readonly people: number
  /** What this person thinks of the other one of a direct message. */
  readonly consent: Consent
  /** This person has said something there. */
  readonly hasWritten: boolean
}

export type Signalling = Pick<Settings, 'typing' | 'presence'>

const NOTHING: Signalling = { typing: false, presence: false }

/**
 * What is told and what is heard are the same: who turned something off does not see it of others. Being online is told
 * in direct messages alone, to people whom this person allowed or has written to.
 */
export const signalsOf = (settings: Signalling, standing: Standing): Signalling => {
  const { kind, isOpen, people, consent, hasWritten } = standing
  if (!isOpen) return NOTHING
  if (kind === 'group') return { typing: settings.typing && people <= TYPING_PEOPLE, presence: false }
  if (consent === 'blocked' || consent === 'denied') return NOTHING
  return { typing: settings.typing, presence: settings.presence && (consent === 'allowed' || hasWritten) }
}

/** A share of a span between three and five quarters, so that devices do not speak all at once. `byte` is random. */
export const jittered = (ms: number, byte: number): number => Math.round(ms * (0.75 + byte / 510))
