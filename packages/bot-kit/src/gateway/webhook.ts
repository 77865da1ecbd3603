import { randomBytes } from 'node:crypto'
import type { Abortable, Clock } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import { systemClock } from '../clock.ts'
import type { BotEvent } from '../events/event.ts'
import { readAnswer, retryAfter } from '../webhooks/answer.ts'
import type { WebhookKey } from '../webhooks/keys.ts'
import type { Posted, Poster } from '../webhooks/post.ts'
import type { ReplyTokens } from '../webhooks/reply-token.ts'
import { type HeldKey, keysAt } from '../webhooks/rotation.ts'
import { shortened } from '../webhooks/shorten.ts'
import { signWebhook } from '../webhooks/signature.ts'
import type { Delivered, Endpoint } from './endpoint.ts'
import { reasonOf } from './problem.ts'

/** An endpoint has so long to answer, ms. */
const TIMEOUT = 15_000

export interface WebhookOptions {
  readonly name: string
  readonly url: string
  /** What signs: an HMAC secret, a private key, or both; old ones beside them while they are rotated. */
  readonly keys: readonly HeldKey<WebhookKey>[]
  readonly poster: Poster
  /** With it, events carry a token for `POST /v1/actions`. */
  readonly replyTokens?: ReplyTokens
  /** Told where an answer cannot be used; the event itself counts as handled. */
  readonly onUnusable?: (eventId: string, error: DchatError<'webhook/bad-answer'>) => void
  /** ms; default 15,000. */
  readonly timeout?: number
  readonly clock?: Clock
}

/** An endpoint over HTTP, signed as Standard Webhooks 1.0.0 says (docs/bots.md). */
export interface Webhook extends Endpoint {
  /**
   * Sends `webhook.ping`, and resolves if the endpoint repeats its challenge: to be asked before it gets events.
   * Rejects with `webhook/bad-answer` and `webhook/forbidden-target`.
   */
  ping(options?: Abortable): Promise<void>
}

const outcome = ({ status, header }: Posted, now: number): Exclude<Delivered, { state: 'done' }> | undefined => {
  if (status >= 200 && status < 300) return undefined
  if (status === 410) return { state: 'gone', status }
  const reason = `it answered ${status}`
  if (header('webhook-delivery') === 'abort-message') return { state: 'dead', reason, status }
  const after = retryAfter(header('retry-after'), now)
  return { state: 'again', reason, status, ...(after !== undefined && { after }) }
}

const jsonIn = (posted: Posted): unknown => {
  try {
    return posted.body && JSON.parse(new TextDecoder().decode(posted.body))
  } catch {
    return undefined
  }
}

export const createWebhook = (options: WebhookOptions): Webhook => {
  const { name, url, keys, poster, replyTokens, onUnusable, timeout = TIMEOUT, clock = systemClock } = options

  const send = async (id: string, content: object, { signal }: Abortable): Promise<Posted> => {
    const body = Buffer.from(JSON.stringify(content))
    const now = clock.now()
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'dchat-bot-kit',
      ...signWebhook(body, { id, at: now, keys: keysAt(keys, now) }),
    }
    const late = AbortSignal.timeout(timeout)
    return poster.post(url, { headers, body, signal: AbortSignal.any([late, ...(signal ? [signal] : [])]) })
  }

  const withToken = (event: BotEvent): BotEvent => {
    if (!replyTokens) return event
    const { token, expiresAt } = replyTokens.issue(event, clock.now())
    const reply = { reply_token: token, reply_expires_at: new Date(expiresAt).toISOString() }
    return { ...event, data: { ...event.data, ...reply } } as BotEvent
  }

  const unusable = (reason: string): DchatError<'webhook/bad-answer'> =>
    new DchatError('webhook/bad-answer', { endpoint: name, reason })

  return {
    name,
    deliver: async (event, { signal }): Promise<Delivered> => {
      const id = event.data.event_id
      let posted: Posted
      try {
        posted = await send(id, shortened(withToken(event)), { signal })
      } catch (error) {
        if (signal.aborted) throw signal.reason
        const isLate = error instanceof Error && error.name === 'TimeoutError'
        return { state: 'again', reason: isLate ? `it did not answer within ${timeout} ms` : reasonOf(error) }
      }
      const failed = outcome(posted, clock.now())
      if (failed) return failed
      const answer = readAnswer(posted)
      if ('actions' in answer) return { state: 'done', status: posted.status, actions: answer.actions }
      onUnusable?.(id, unusable(answer.unusable))
      return { state: 'done', status: posted.status }
    },
    ping: async ({ signal } = {}) => {
      const challenge = randomBytes(16).toString('hex')
      const timestamp = new Date(clock.now()).toISOString()
      const ping = { v: 1, type: 'webhook.ping', timestamp, data: { challenge } }
      let posted: Posted
      try {
        posted = await send(`ping_${challenge.slice(0, 16)}`, ping, { signal })
      } catch (error) {
        if (signal?.aborted) throw signal.reason
        if (error instanceof Error && error.name === 'DchatError') throw error
        throw unusable(reasonOf(error))
      }
      const failed = outcome(posted, clock.now())
      if (failed) throw unusable(`it answered ${posted.status}`)
      const answer = jsonIn(posted)
      if (typeof answer !== 'object' || answer === null || !('challenge' in answer) || answer.challenge !== challenge)
        throw unusable('it does not repeat the challenge')
    },
  }
}
