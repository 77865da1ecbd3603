import { parseWebhookKey } from '../webhooks/keys.ts'
import { signWebhook } from '../webhooks/signature.ts'

export interface SignedRequestOptions {
  /** When it was signed, ms since 1970. Default: now. */
  readonly at?: number
  readonly url?: string
  /** `webhook-id`. Default: the event's `event_id`. */
  readonly id?: string
}

/**
 * The request by which a gateway hands over an event, for `bot.fetch`. `secret`: `whsec_…` or `whsk_…`; several as while
 * they are rotated. Throws `usage/invalid-argument` for a secret that is none.
 */
export const signedRequest = (
  secret: string | readonly string[],
  event: object,
  { at = Date.now(), url = 'https://bot.example/', id }: SignedRequestOptions = {},
): Request => {
  const body = JSON.stringify(event)
  const { data } = event as { data?: { event_id?: unknown } }
  const named = id ?? (typeof data?.event_id === 'string' ? data.event_id : 'evt_test')
  const headers = signWebhook(body, { id: named, at, keys: [secret].flat().map(parseWebhookKey) })
  return new Request(url, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } })
}
