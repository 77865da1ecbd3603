/** What a bot may send (bots.md, "Limits"): published, so that nobody has to find out. */
export const LIMITS = {
  chat: { perSecond: 1, burst: 5 },
  group: { perSecond: 20 / 60, burst: 20 },
  bot: { perSecond: 30, burst: 30 },
} as const

interface Rate {
  readonly perSecond: number
  readonly burst: number
}

/** Tokens that come back with time. */
interface Bucket {
  tokens: number
  at: number
}

/** Chats that sent nothing for so many ms have full buckets and are forgotten. */
const FULL = 60_000

export interface Limits {
  /** Takes a place for one message: 0, or the ms after which to ask again. */
  take(conversation: { readonly id: string; readonly kind: 'dm' | 'group' }): number
}

/** `now`: ms. One for each bot. */
export const createLimits = (now: () => number): Limits => {
  const buckets = new Map<string, Bucket>()
  let swept = now()

  const bucketOf = (key: string, { perSecond, burst }: Rate): Bucket => {
    const at = now()
    const known = buckets.get(key) ?? { tokens: burst, at }
    // A clock that was set back gives nothing.
    const tokens = Math.min(burst, known.tokens + (Math.max(0, at - known.at) / 1_000) * perSecond)
    const bucket = { tokens, at }
    buckets.set(key, bucket)
    return bucket
  }

  const sweep = () => {
    const at = now()
    if (at - swept < FULL) return
    swept = at
    for (const [key, bucket] of buckets) if (at - bucket.at > FULL) buckets.delete(key)
  }

  return {
    take: ({ id, kind }) => {
      sweep()
      const wanted: [Bucket, Rate][] = [
        [bucketOf('bot', LIMITS.bot), LIMITS.bot],
        [bucketOf(`chat/${id}`, LIMITS.chat), LIMITS.chat],
      ]
      if (kind === 'group') wanted.push([bucketOf(`group/${id}`, LIMITS.group), LIMITS.group])
      const wait = Math.max(...wanted.map(([{ tokens }, { perSecond }]) => ((1 - tokens) / perSecond) * 1_000))
      // What is missing of a token may be the rounding of a float.
      if (wait > 1e-6) return Math.ceil(wait)
      for (const [bucket] of wanted) bucket.tokens -= 1
      return 0
    },
  }
}
