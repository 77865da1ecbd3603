import { nextHead } from '@dchat/sdk/wire'
import { publishJob } from '../commit/publish.ts'
import type { Link } from '../link/link.ts'
import { needTopic, readTopic } from '../link/topic-source.ts'
import { nameOf } from '../platform.ts'
import { admitsTopic } from '../policy/admission.ts'
import type { PageLimits } from '../store/store.ts'
import { ANSWER_BYTES, type Handlers } from './handler.ts'

export const topicHandlers: Pick<Handlers, 'topic.publish' | 'topic.read' | 'topic.head'> = {
  'topic.publish': async (params, link) => {
    const { relay, proofs } = link
    relay.rates.topic.take(nameOf(params.topic), Math.max(1, params.entries.length))
    const rules = {
      crypto: relay.crypto,
      topicBytes: relay.limits.topicBytes,
      mayCreate: () => mayCreate(link),
    }
    return relay.committer.submit(publishJob(params, proofs.topic(params.topic), rules))
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

const mayCreate = async ({ relay, proofs, address }: Link): Promise<boolean> => {
  relay.rates.creates.take(address, 1)
  if (relay.policy === 'open') return true
  for (const device of proofs.devices())
    if (await relay.identities.isActive(device)) return admitsTopic(relay.policy, true)
  return admitsTopic(relay.policy, false)
}
