import { toHex } from '@dchat/sdk/wire'
import { successorJob } from '../commit/successor.ts'
import { needTopic } from '../link/topic-source.ts'
import { ANSWER_BYTES, type Handlers } from './handler.ts'

export const successorHandlers: Pick<Handlers, 'successor.put' | 'successor.list'> = {
  'successor.put': async (params, { relay, proofs }) => {
    relay.rates.topic.take(toHex(params.topic), 1)
    return relay.committer.submit(successorJob(params, proofs.topic(params.topic), relay.limits.successors))
  },
  'successor.list': async ({ topic, after, limit }, { relay, proofs }) => {
    await needTopic(relay.store, proofs, topic)
    return { items: await relay.store.successors(topic, after, { limit, bytes: ANSWER_BYTES }) }
  },
}
