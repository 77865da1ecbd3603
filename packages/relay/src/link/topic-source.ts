import { DchatError, type Entry, toHex } from '@dchat/sdk/wire'
import type { PageLimits, Store } from '../store/store.ts'
import type { FeedSource } from './feed.ts'
import type { Proofs } from './proofs.ts'

/**
 * A page of a topic as far as the shown keys open it. The range is asked after the page was read: an entry that is in
 * the page was stored together with every removal before it, so none of them can be missed.
 */
export const readTopic = async (
  store: Store,
  proofs: Proofs,
  topic: Uint8Array,
  after: number,
  page: PageLimits,
): Promise<{ entries: Entry[]; upTo: number }> => {
  const entries = await store.entries(topic, after, Number.POSITIVE_INFINITY, page)
  const upTo = await proofs.opensUpTo(topic)
  return { entries: entries.filter(({ receipt }) => receipt.seq <= upTo), upTo }
}

export const topicSource = (store: Store, proofs: Proofs, topic: Uint8Array): FeedSource<Entry> => ({
  read: async (after, page) => {
    const { entries, upTo } = await readTopic(store, proofs, topic, after, page)
    const last = entries.at(-1)?.receipt.seq ?? after
    return { items: entries, blocked: last >= upTo }
  },
  seqOf: ({ receipt }) => receipt.seq,
})

/** Throws `relay/unknown-topic`, or `relay/not-permitted` without a proof of a key that the topic has had. */
export const needTopic = async (store: Store, proofs: Proofs, topic: Uint8Array) => {
  const state = await store.topic(topic)
  if (!state) throw new DchatError('relay/unknown-topic', { topic: toHex(topic) })
  const upTo = await proofs.opensUpTo(topic)
  if (upTo === 0) throw new DchatError('relay/not-permitted', { what: 'no proof of a topic key' })
  return { state, upTo }
}
