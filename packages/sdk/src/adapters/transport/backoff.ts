/** ms. */
export interface Backoff {
  /** The longest first pause. */
  readonly base: number
  /** No pause is longer, unless the relay asks for it. */
  readonly cap: number
  /** A connection that was ready for so long counts as a success: the next pause is short again. */
  readonly stable: number
  /** The pause while the machine says that it has no network: a look now and then, because it may be wrong. */
  readonly offline: number
}

export const DEFAULT_BACKOFF: Backoff = { base: 500, cap: 30_000, stable: 10_000, offline: 60_000 }

/**
 * The pause before the next attempt after `failures` failures in a row (from 0). It doubles up to the cap, and `fraction`
 * (0 to 1, random) spreads it over its upper half, so that a relay's restart does not bring everybody back at once.
 */
export const pauseOf = ({ base, cap }: Backoff, failures: number, fraction: number): number => {
  return spread(Math.min(cap, base * 2 ** Math.min(failures, 30)), fraction)
}

/** The pause before the next look while the machine says that it has no network. */
export const offlinePauseOf = ({ offline }: Backoff, fraction: number): number => spread(offline, fraction)

const spread = (longest: number, fraction: number): number => Math.round(longest * (0.5 + fraction / 2))
