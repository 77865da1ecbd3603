import type { Clock } from '@dchat/sdk'
import type { Queue, StoredWebhook } from '../queue/queue.ts'
import { createPoster } from '../webhooks/post.ts'
import type { ReplyTokens } from '../webhooks/reply-token.ts'
import { hostOf } from '../webhooks/target.ts'
import type { Endpoint, EndpointFeed } from './endpoint.ts'
import { heldKey } from './ping.ts'
import type { GatewayProblem } from './problem.ts'
import { createWebhook, type Webhook } from './webhook.ts'

export interface StoredEndpoints extends EndpointFeed {
  close(): Promise<void>
}

interface Made {
  /** What it was made of. */
  readonly mark: string
  readonly webhook: Webhook
}

/**
 * The webhooks that a queue keeps, as endpoints: those that were tested. They are looked at anew each time, so what another
 * program changes, such as a key, holds from the next delivery on.
 */
export const storedEndpoints = (
  queue: Queue,
  options: {
    readonly clock: Clock
    readonly onProblem: (problem: GatewayProblem) => void
    readonly replyTokens?: ReplyTokens
  },
): StoredEndpoints => {
  const { clock, onProblem, replyTokens } = options
  const made = new Map<string, Made>()
  const endpoints = new Map<string, Endpoint>()
  const privateTargets: string[] = []
  const poster = createPoster({ allowPrivateTargets: privateTargets })

  const make = ({ name, url, keys }: StoredWebhook): Webhook =>
    createWebhook({
      ...{ name, url, poster, clock, keys: keys.map(heldKey) },
      ...(replyTokens && { replyTokens }),
      onUnusable: (eventId, { message }) =>
        onProblem({ type: 'answer.unusable', endpoint: name, eventId, reason: message }),
    })

  const endpointOf = (stored: StoredWebhook): Endpoint => {
    const { name } = stored
    const mark = JSON.stringify(stored)
    if (made.get(name)?.mark !== mark) made.set(name, { mark, webhook: make(stored) })
    const known = endpoints.get(name)
    if (known) return known
    const endpoint: Endpoint = {
      name,
      deliver: (event, delivery) => (made.get(name) as Made).webhook.deliver(event, delivery),
    }
    endpoints.set(name, endpoint)
    return endpoint
  }

  return {
    list: async () => {
      const tested = (await queue.webhooks()).filter(({ testedAt }) => testedAt !== undefined)
      const allowed = tested.flatMap(({ url, isPrivate }) => (isPrivate ? [hostOf(url)] : []))
      privateTargets.splice(0, privateTargets.length, ...allowed)
      return tested.map(endpointOf)
    },
    close: () => poster.close(),
  }
}
