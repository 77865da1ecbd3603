import type { Abortable } from '@dchat/sdk'
import { parseWebhookKey } from '../webhooks/keys.ts'
import { createPoster } from '../webhooks/post.ts'
import type { HeldKey } from '../webhooks/rotation.ts'
import { createWebhook } from './webhook.ts'

/** A program somewhere that gets a bot's events. */
export interface WebhookTarget {
  /** For the operator; no two share one. */
  readonly name: string
  /** https, and a public address, unless `allowPrivateTargets` names it. */
  readonly url: string
  /** `whsec_…`, `whsk_…`, or both. Those with `until` sign until then: what `rotate` leaves of the old ones. */
  readonly keys: readonly (string | HeldKey<string>)[]
}

export const heldKey = (key: string | HeldKey<string>): HeldKey =>
  typeof key === 'string' ? { key: parseWebhookKey(key) } : { ...key, key: parseWebhookKey(key.key) }

/**
 * Sends a challenge that the program behind a webhook has to repeat: to be asked before it gets events.
 * Rejects with `webhook/bad-answer`, `webhook/forbidden-target`, and `usage/invalid-argument` for its keys.
 */
export const pingWebhook = async (
  { name, url, keys }: WebhookTarget,
  { allowPrivateTargets = [], signal }: Abortable & { readonly allowPrivateTargets?: readonly string[] } = {},
): Promise<void> => {
  const poster = createPoster({ allowPrivateTargets })
  try {
    await createWebhook({ name, url, keys: keys.map(heldKey), poster }).ping({ signal })
  } finally {
    await poster.close()
  }
}
