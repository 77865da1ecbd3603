import { createReceiptVerifier, DchatError, nextHead } from '@dchat/sdk/wire'
import { publishJob } from '../commit/publish.ts'
import { restoreJob } from '../commit/restore.ts'
import type { Link } from '../link/link.ts'
import { needTopic, readTopic } from '../link/topic-source.ts'
import { nameOf } from '../platform.ts'
import type { PageLimits } from '../store/store.ts'
import { ANSWER_BYTES, type Handlers } from './handler.ts'

export const topicHandlers: Pick<Handlers, 'topic.publish' | 'topic.restore' | 'topic.read' | 'topic.head'> = {
  'topic.publish': async (params, link) => {
    const { relay, proofs } = link
    relay.rates.topic.take(nameOf(params.topic), Math.max(1, params.entries.length))
    settled(relay)
    const rules = {
      crypto: relay.crypto,
      topicBytes: relay.limits.topicBytes,
      mayCreate: () => mayCreate(link),
    }
    return relay.committer.submit(publishJob(params, proofs.topic(params.topic), rules))
  },

  'topic.restore': async (params, { relay }) => {
    relay.rates.topic.take(nameOf(params.topic), params.entries.length)
    const verify = createReceiptVerifier(relay.crypto, relay.relayKey, '')
    const { seq, entries } = await relay.committer.submit(restoreJob(params, { crypto: relay.crypto, verify }))
    relay.metrics.restored.inc(entries.length)
    for (const entry of entries) for (const listener of relay.entries.of(nameOf(params.topic))) listener(entry)
    return { seq }
  },

  'topic.read': async ({ topic, after, limit }, { relay, proofs }) => {
    await needTopic(relay.store, proofs, topic)
    const page: PageLimits = { limit, bytes: ANSWER_BYTES }
    const { entries } = await readTopic(relay.store, proofs, topic, after, page)
    const { seq, epoch } = await visibleHead(topic, { relay, proofs })
    return { entries, head: { seq, epoch } }
  },

  'topic.head': async ({ topic }, link) => visibleHead(topic, link),
}

/**
 * After a start from a copy nothing new is accepted for a while: a place that the copy lacks must not be given away before
 * those who hold its entry have come back.
 */
const settled = ({ clock, settledAt }: Link['relay']): void => {
  const left = settledAt - clock.now()
  if (left > 0) throw new DchatError('transport/rate-limited', { retryAfter: left })
}

/** The head as far as the shown keys reach: what stands behind a removal is told to those alone who stayed. */
const visibleHead = async (topic: Uint8Array, { relay: { store }, proofs }: Pick<Link, 'relay' | 'proofs'>) => {
  const { state, upTo } = await needTopic(store, proofs, topic)
  if (state.seq <= upTo && !Number.isFinite(upTo)) return headOf(state)
  const [last] = await store.entries(topic, upTo - 1, upTo, { limit: 1, bytes: 0 })
  if (!last) return headOf(state)
  return { seq: upTo, head: nextHead(last.receipt), epoch: last.epoch + 1, time: last.receipt.time }
}

const headOf = ({ seq, head, epoch, time }: { seq: number; head: Uint8Array; epoch: number; time: number }) => ({
  seq,
  head,
  epoch,
  time,
})

const mayCreate = async ({ relay, proofs, address }: Link): Promise<void> => {
  relay.rates.creates.take(address, 1)
  if (relay.policy === 'open') return
  for (const device of proofs.devices()) if (await relay.identities.isActive(device)) return
  throw new DchatError('relay/not-invited', { reason: 'only those who are at home here open conversations' })
}
