import type { ContentExpiry } from '../../protocol/content/read.ts'

/**
 * When a message disappears, ms since 1970: its accepted time and the conversation's timer at its place, or what its
 * content names, whichever is earlier (messages.md). Undefined: it stays. Every reader computes the same.
 */
export const expiryOf = (at: number, timer: number, expires: ContentExpiry | undefined): number | undefined => {
  const ends = [...(timer > 0 ? [at + timer * 1_000] : []), ...(expires === undefined ? [] : named(at, expires))]
  return ends.length === 0 ? undefined : Math.min(...ends)
}

/** As for attachments, an absolute 0 is no end. */
const named = (at: number, { relative, time }: ContentExpiry): readonly number[] => {
  if (relative) return [at + time * 1_000]
  return time === 0 ? [] : [time * 1_000]
}
