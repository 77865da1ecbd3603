import { DchatError, isDchatError, toHex } from '@dchat/sdk/wire'
import { writeJob } from '../commit/job.ts'
import { needCertified, needUnrevoked } from './certified.ts'
import type { Handlers } from './handler.ts'

/** ms after which somebody asks again whether a full inbox has room. */
const FULL = 60_000

export const inboxHandlers: Pick<Handlers, 'inbox.put' | 'inbox.head' | 'inbox.ack'> = {
  'inbox.put': async ({ device, reference, body }, { relay, id, address }) => {
    relay.rates.inboxPuts.take(id, 1)
    await needCertified(relay, device)
    const limits = { items: relay.limits.inboxItems, bytes: relay.limits.inboxBytes }
    const settle = await relay.inboxRoom.take(device, address, body.length)
    const put = writeJob<'inbox.put'>((time) => ({ type: 'inbox.put', device, reference, body, time, limits }))
    const result = await relay.committer
      .submit(put)
      .catch((error: unknown) => {
        // It empties when its device fetches: a pause, and no end.
        throw isDchatError(error, 'relay/quota')
          ? new DchatError('transport/rate-limited', { retryAfter: FULL })
          : error
      })
      .finally(settle)
    for (const wake of relay.inboxes.of(toHex(device))) wake()
    return result
  },
  'inbox.head': async ({ device }, { relay, proofs }) => {
    proofs.needDevice(device)
    await needUnrevoked(relay, device)
    return { seq: await relay.store.inboxHead(device) }
  },
  'inbox.ack': async ({ device, seq }, { relay, proofs }) => {
    proofs.needDevice(device)
    await needUnrevoked(relay, device)
    await relay.committer.submit(writeJob<'inbox.ack'>((time) => ({ type: 'inbox.ack', device, seq, time })))
    return {}
  },
}
