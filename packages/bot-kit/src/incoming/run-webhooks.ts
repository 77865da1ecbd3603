import { randomBytes } from 'node:crypto'
import type { Abortable, Address, Client, Clock } from '@dchat/sdk'
import { createLimits } from '../actions/limits.ts'
import { clientSource } from '../bot/source.ts'
import { systemClock } from '../clock.ts'
import { actAs } from '../gateway/act.ts'
import { runGateway } from '../gateway/gateway.ts'
import { heldKey, type WebhookTarget } from '../gateway/ping.ts'
import type { GatewayProblem } from '../gateway/problem.ts'
import { storedEndpoints } from '../gateway/stored.ts'
import { createWebhook } from '../gateway/webhook.ts'
import type { Queue } from '../queue/queue.ts'
import { createPoster } from '../webhooks/post.ts'
import { replyTokens } from '../webhooks/reply-token.ts'
import { createHandler } from './handler.ts'
import type { IncomingHook } from './hook.ts'
import { type ServeOptions, serve } from './serve.ts'

export interface WebhooksOptions {
  /** Connected; the caller closes it afterwards. */
  readonly client: Client
  /** `sqliteQueue(file)`. The caller closes it afterwards. The webhooks that it keeps (`addWebhook`) are at work too. */
  readonly queue: Queue
  readonly webhooks?: readonly WebhookTarget[]
  /** Incoming ones: `POST /hooks/<secret>`. */
  readonly hooks?: readonly IncomingHook[]
  /** Where to listen for those, and for `POST /v1/actions`. Default: nowhere. */
  readonly listen?: ServeOptions
  /** Hosts with ports that webhooks may reach though they are private, and without TLS: `127.0.0.1:3000`. */
  readonly allowPrivateTargets?: readonly string[]
  /** Is told by an encrypted message when a webhook is disabled. */
  readonly operator?: Address
  /** Everything that an operator should know, as it happens. */
  readonly onProblem?: (problem: GatewayProblem) => void
  /** Told the address when it listens. */
  readonly onListening?: (url: string) => void
  readonly clock?: Clock
}

const tellOperator = (client: Client, operator: Address, endpoint: string, reason: string): Promise<unknown> =>
  client.conversations
    .dm(operator)
    .then((chat) => chat.send(`The webhook "${endpoint}" gets no more events: ${reason}. Its dead letters are kept.`))

/**
 * A bot whose handlers are programs behind webhooks (docs/bots.md). Works until `signal` is aborted, lets what is in flight
 * come to its end, and resolves. Rejects with the errors of client, queue and server; a webhook that fails is none.
 * Throws `usage/invalid-argument` for keys and hooks that are not valid.
 */
export const runWebhooks = async (options: WebhooksOptions, { signal }: Required<Abortable>): Promise<void> => {
  const {
    client,
    queue,
    webhooks = [],
    hooks = [],
    listen,
    allowPrivateTargets,
    operator,
    clock = systemClock,
  } = options
  const onProblem = (problem: GatewayProblem): void => {
    options.onProblem?.(problem)
    if (problem.type === 'endpoint.disabled' && operator !== undefined)
      tellOperator(client, operator, problem.endpoint, problem.reason).catch(() => undefined)
  }
  const tokens = replyTokens(await queue.secret('reply-tokens', () => new Uint8Array(randomBytes(32))))
  const limits = createLimits(() => clock.now())
  const poster = createPoster(allowPrivateTargets ? { allowPrivateTargets } : {})
  const told = { onProblem, clock, ...(listen && { replyTokens: tokens }) }
  const stored = storedEndpoints(queue, told)
  const endpoints = webhooks.map(({ name, url, keys }) =>
    createWebhook({
      ...{ name, url, poster, clock, keys: keys.map(heldKey) },
      ...(listen && { replyTokens: tokens }),
      onUnusable: (eventId, { message }) =>
        onProblem({ type: 'answer.unusable', endpoint: name, eventId, reason: message }),
    }),
  )
  const handler = createHandler({ client, hooks, limits, clock, ...(listen && { replyTokens: tokens }) })
  try {
    const served = listen && (await serve(handler, listen))
    if (served) options.onListening?.(served.url)
    try {
      const act = actAs(client, { clock, limits })
      const gateway = { source: clientSource(client), queue, endpoints, feed: stored, act, clock, onProblem }
      await runGateway(gateway, { signal })
    } finally {
      await served?.close()
    }
  } finally {
    await stored.close()
    await poster.close()
  }
}
