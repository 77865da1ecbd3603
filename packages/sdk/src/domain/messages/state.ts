import type { MessageState } from '../../records/message.ts'

const RANK: Readonly<Record<Exclude<MessageState, 'failed'>, number>> = {
  queued: 0,
  sending: 1,
  sent: 2,
  delivered: 3,
  read: 4,
}

/** The state after news: it only grows, so reports may come late, twice or out of order. */
export const advance = (current: MessageState, news: Exclude<MessageState, 'failed'>): MessageState => {
  if (current === 'failed') return RANK[news] >= RANK.sent ? news : current
  return RANK[news] > RANK[current] ? news : current
}

/** True if `state` is `wanted` or further on. */
export const reached = (state: MessageState, wanted: Exclude<MessageState, 'failed'>): boolean =>
  state !== 'failed' && RANK[state] >= RANK[wanted]
