import type { Conversation } from '@dchat/sdk'

/** Nothing of it notifies at this time, ms since 1970. */
export const isMuted = ({ notify }: Conversation, now: number): boolean =>
  notify?.level === 'none' && (notify.until ?? Infinity) > now
