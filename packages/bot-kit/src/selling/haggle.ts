import type { Money, Reason } from '@dchat/sdk'

/** How a seller lets somebody talk the price down. */
export interface PriceRules {
  /** What it costs. */
  readonly price: Money
  /** Nothing below. */
  readonly floor: Money
  /** Concessions, in equal steps from the price to the floor; 0: the price is fixed. */
  readonly steps: number
}

export type PriceDecision =
  | { readonly do: 'accept' }
  | { readonly do: 'counter'; readonly total: Money }
  | { readonly do: 'decline'; readonly reason: Reason }

/** What is asked after so many concessions, rounded up to the minor unit. */
const askedAfter = ({ price, floor, steps }: PriceRules, concessions: number): bigint => {
  const [high, low] = [BigInt(price.minor), BigInt(floor.minor)]
  if (steps === 0) return high
  return high - ((high - low) * BigInt(concessions)) / BigInt(steps)
}

/**
 * The answer to an offer, after so many concessions that were made. Accepted is what the next concession would ask for;
 * declined is what is below after the last one. A pure function.
 */
export const decidePrice = (rules: PriceRules, offered: Money, concessions: number): PriceDecision => {
  const { price, steps } = rules
  if (offered.currency !== price.currency || offered.exponent !== price.exponent)
    return { do: 'decline', reason: 'currency_not_accepted' }
  const next = Math.min(concessions + 1, steps)
  const asked = askedAfter(rules, next)
  if (BigInt(offered.minor) >= asked) return { do: 'accept' }
  // The last word is said once.
  if (concessions >= Math.max(steps, 1)) return { do: 'decline', reason: 'price_deviation' }
  return { do: 'counter', total: { ...price, minor: `${asked}` } }
}
