import type { Abortable } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import type { Queue, StoredWebhook } from '../queue/queue.ts'
import { parseWebhookKey } from '../webhooks/keys.ts'
import { rotate } from '../webhooks/rotation.ts'
import { checkTarget, hostOf } from '../webhooks/target.ts'
import { pingWebhook } from './ping.ts'

/** The list of webhooks that is kept with a bot's queue. It may be changed while the bot runs, by another program too. */

/** The handlers in the bot's own process: no webhook is called this. */
export const IN_PROCESS = 'bot'

const NAME = /^[a-z0-9][a-z0-9_-]{0,31}$/

const refuse = (name: string, reason: string): DchatError =>
  new DchatError('usage/invalid-argument', { name, reason }, {})

export interface NewWebhook {
  /** 1 to 32 of a to z, digits, - and _. */
  readonly name: string
  readonly url: string
  /** `whsec_…`, `whsk_…`, or both. */
  readonly keys: readonly string[]
  /** Its host may be private, and without TLS. Default false. */
  readonly isPrivate?: boolean
}

const allowed = ({ url, isPrivate }: Pick<StoredWebhook, 'url' | 'isPrivate'>): readonly string[] =>
  isPrivate ? [hostOf(url)] : []

const keyKind = (key: string): string => {
  const { kind } = parseWebhookKey(key)
  if (kind === 'public') throw refuse('webhook key', 'a public key signs nothing')
  return kind
}

/**
 * Keeps a webhook. It gets events once `testWebhook` has asked it. Rejects with `usage/invalid-argument` for a name that is
 * none or taken and for keys that sign nothing, and with `webhook/forbidden-target`.
 */
export const addWebhook = async (queue: Queue, webhook: NewWebhook): Promise<StoredWebhook> => {
  const { name, url, keys, isPrivate = false } = webhook
  if (!NAME.test(name) || name === IN_PROCESS)
    throw refuse('name', `it has 1 to 32 of a to z, digits, - and _, and is not "${IN_PROCESS}"`)
  checkTarget(url, allowed({ url, isPrivate }))
  if (keys.length === 0) throw refuse('keys', 'there is none')
  for (const key of keys) keyKind(key)
  return queue.changeWebhook(name, (known) => {
    if (known) throw refuse('name', `there is a webhook "${name}" already`)
    return { name, url, isPrivate, keys: keys.map((key) => ({ key })) }
  })
}

/** Throws `usage/invalid-argument`. */
const found = (known: StoredWebhook | undefined, name: string): StoredWebhook => {
  if (!known) throw refuse('name', `there is no webhook "${name}"`)
  return known
}

/**
 * Sends a challenge that the program has to repeat; from then on it gets events, also where it was disabled before.
 * Rejects with `usage/invalid-argument`, `webhook/bad-answer` and `webhook/forbidden-target`; nothing is changed then.
 */
export const testWebhook = async (queue: Queue, name: string, { signal }: Abortable = {}): Promise<StoredWebhook> => {
  const webhook = found(
    (await queue.webhooks()).find((one) => one.name === name),
    name,
  )
  await pingWebhook(webhook, { allowPrivateTargets: allowed(webhook), signal })
  const tested = await queue.changeWebhook(name, (known) => ({ ...found(known, name), testedAt: Date.now() }))
  await queue.enable(name)
  return tested
}

/**
 * A fresh key takes the place of the one of its kind, which signs beside it for another day. A kind that was not there is
 * added. Rejects with `usage/invalid-argument`.
 */
export const rotateWebhook = (queue: Queue, name: string, fresh: string, now = Date.now()): Promise<StoredWebhook> => {
  const kind = keyKind(fresh)
  return queue.changeWebhook(name, (known) => {
    const webhook = found(known, name)
    return { ...webhook, keys: rotate(webhook.keys, fresh, now, (key) => keyKind(key) === kind) }
  })
}

/** Forgets a webhook, with the events that wait for it and its dead letters. Rejects with `usage/invalid-argument`. */
export const removeWebhook = async (queue: Queue, name: string): Promise<void> => {
  if (!(await queue.dropWebhook(name))) throw refuse('name', `there is no webhook "${name}"`)
}
