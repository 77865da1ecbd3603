import type { DeadLetter, EndpointHealth, StoredWebhook } from '@dchat/bot-kit'
import { localTime, oneLine } from '../io/text.ts'

const iso = (ms: number): string => new Date(ms).toISOString()

const stateOf = ({ testedAt }: StoredWebhook, { disabled }: EndpointHealth): 'active' | 'untested' | 'disabled' =>
  testedAt === undefined ? 'untested' : disabled === undefined ? 'active' : 'disabled'

type PublicKeyOf = (secret: string) => string

/** A webhook without its secrets: the public half of what signs as `v1a`, and until when. */
export const webhookFields = (webhook: StoredWebhook, health: EndpointHealth, publicKeyOf: PublicKeyOf): object => {
  const { name, url, keys, isPrivate, testedAt } = webhook
  const { disabled, failures, failingSince, lastStatus, lastAt } = health
  return {
    name,
    url,
    state: stateOf(webhook, health),
    ...(isPrivate && { private: true }),
    keys: keys.map(({ key, until }) => ({
      kind: key.startsWith('whsk_') ? 'v1a' : 'v1',
      ...(key.startsWith('whsk_') && { public: publicKeyOf(key) }),
      ...(until !== undefined && { until: iso(until) }),
    })),
    ...(testedAt !== undefined && { tested_at: iso(testedAt) }),
    ...(disabled !== undefined && { reason: disabled }),
    failures,
    ...(failingSince !== undefined && { failing_since: iso(failingSince) }),
    ...(lastStatus !== undefined && { last_status: lastStatus }),
    ...(lastAt !== undefined && { last_at: iso(lastAt) }),
  }
}

export const webhookText = (webhook: StoredWebhook, health: EndpointHealth): string => {
  const { disabled, failures } = health
  const more = disabled ?? (failures > 0 ? `${failures} failures since it last answered` : '')
  return [webhook.name, stateOf(webhook, health), webhook.url, oneLine(more)].join('\t').trimEnd()
}

export const deadLetterFields = (letter: DeadLetter, withEvent: boolean): object => {
  const { endpoint, eventId, conversation, attempts, reason, status, at, event } = letter
  return {
    webhook: endpoint,
    event_id: eventId,
    kind: event.type,
    chat: conversation,
    attempts,
    reason,
    ...(status !== undefined && { status }),
    at: iso(at),
    ...(withEvent && { event }),
  }
}

export const deadLetterText = ({ endpoint, eventId, attempts, reason, at, event }: DeadLetter): string =>
  oneLine(`${localTime(at)}  ${endpoint}  ${eventId}  ${event.type}  after ${attempts} attempts: ${reason}`)
