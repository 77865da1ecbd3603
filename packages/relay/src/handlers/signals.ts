import { DchatError, toHex } from '@dchat/sdk/wire'
import type { Handlers } from './handler.ts'

export const signalHandlers: Pick<Handlers, 'signal.send'> = {
  'signal.send': async ({ topic, body }, { relay, id, proofs, signalFeeds }) => {
    relay.rates.signals.take(id, 1)
    const state = await relay.store.topic(topic)
    if (!state) throw new DchatError('relay/unknown-topic', { topic: toHex(topic) })
    if (!proofs.topic(topic).proved(state.key))
      throw new DchatError('relay/not-permitted', { what: 'no proof of the current topic key' })
    relay.metrics.signals.inc()
    const others = relay.signals.of(toHex(topic)).filter((feed) => !signalFeeds.has(feed))
    return { reached: others.filter((feed) => feed.hear(state, body)).length }
  },
}
