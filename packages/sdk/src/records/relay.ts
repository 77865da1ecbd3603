import type { ErrorCode } from '../errors.ts'
import type { RelayUrl } from './ids.ts'

/** How a relay has done, as this device measured it. */
export interface RelayHealth {
  readonly relay: RelayUrl
  /** One of this person's home relays. */
  readonly home: boolean
  /** It was one until lately: this device still reads its inbox there, because others learn of it late. */
  readonly left?: true
  /** A home relay that takes people by invitation and refused this one when it was last asked: `links.join` shows it one. */
  readonly uninvited?: true
  readonly state: 'idle' | 'connecting' | 'ready' | 'waiting' | 'closed'
  /** ms, smoothed; of requests that carry nothing. */
  readonly roundTrip?: number
  /** From 0 to 1: how often it could be asked when it was tried, the last weeks counting less and less. */
  readonly uptime?: number
  /** The version of the link's protocol, and the program that speaks it, as it says. */
  readonly version?: number
  readonly program?: string
  /** What the relay's clock is ahead of this device's, ms. */
  readonly ahead?: number
  /** When it was last asked, and when it last answered; ms since 1970. */
  readonly askedAt?: number
  readonly answeredAt?: number
  /** Why it did not answer the last time, or is not reached just now. */
  readonly problem?: ErrorCode
  /** What it was caught at (`relay-fault`). */
  readonly faults: readonly ErrorCode[]
}
