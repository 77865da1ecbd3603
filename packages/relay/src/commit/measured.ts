import type { Metrics } from '../metrics.ts'
import type { Committer } from './committer.ts'

/** The same committer, which tells how much waits in it, and how long that takes until it is durable and handed out. */
export const measured = (committer: Committer, { queue, deliverySeconds }: Metrics): Committer => ({
  ...committer,
  submit: (job) => {
    const began = performance.now()
    queue.inc()
    const end = () => {
      queue.dec()
      deliverySeconds.observe((performance.now() - began) / 1000)
    }
    const result = committer.submit(job)
    // What listens was told in the turn in which this settles, so this is the time of delivery too.
    result.then(end, end)
    return result
  },
})
