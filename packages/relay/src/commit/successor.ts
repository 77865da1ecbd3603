import { DchatError, type Params, toHex } from '@dchat/sdk/wire'
import { successorBounds } from '../policy/successors.ts'
import type { WriteResult } from '../store/store.ts'
import { type Job, resultOf } from './job.ts'
import type { TopicAccess } from './publish.ts'

/**
 * Puts an item into a topic's successor list. Any key of the topic will do, also one from before a removal: what it
 * announces concerns those who were in the conversation then. `limit` in items.
 */
export const successorJob = (
  { topic, reference, body }: Params<'successor.put'>,
  access: TopicAccess,
  limit: number,
): Job<WriteResult<'successor.put'>> => ({
  rows: 1,
  plan: async (turn) => {
    const state = await turn.topic(topic)
    if (!state) throw new DchatError('relay/unknown-topic', { topic: toHex(topic) })
    const epoch = access.proved(state.key) ? state.epoch : await access.newestEpoch()
    if (epoch === undefined) throw new DchatError('relay/not-permitted', { what: 'no proof of a topic key' })
    const bounds = successorBounds(limit, state.epoch, epoch)
    return {
      placed: [],
      writes: () => [{ type: 'successor.put', topic, reference, body, epoch, time: turn.now, bounds }],
      answer: ([outcome]) => resultOf(outcome) as WriteResult<'successor.put'>,
    }
  },
})
