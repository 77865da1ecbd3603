import { DchatError } from '@dchat/sdk/errors'
import type { Action } from '../actions/action.ts'
import type { BotEvent } from '../events/event.ts'
import type { DeadLetter, DeadLetterQuery, Delivery, EndpointHealth, Queue, StoredWebhook } from './queue.ts'

const keyOf = ({ endpoint, seq }: { endpoint: string; seq: number }): string => `${seq} ${endpoint}`

const page = <T extends { readonly endpoint: string; readonly seq: number }>(
  items: Iterable<T>,
  { endpoint, after = -1, limit = 100 }: DeadLetterQuery,
): T[] =>
  [...items]
    .filter((item) => item.seq > after && (endpoint === undefined || item.endpoint === endpoint))
    .toSorted((a, b) => a.seq - b.seq)
    .slice(0, limit)

/** A queue that ends with the program: for tests, and for bots that may miss what came while they were off. */
export const memoryQueue = (): Queue => {
  const known = new Map<string, { readonly at: number; readonly seq: number }>()
  const deliveries = new Map<string, Delivery>()
  const dead = new Map<string, DeadLetter>()
  const healths = new Map<string, EndpointHealth>()
  const webhooks = new Map<string, StoredWebhook>()
  const secrets = new Map<string, Uint8Array>()
  let seq = 0
  let closed = false

  const healthOf = (endpoint: string): EndpointHealth => healths.get(endpoint) ?? { endpoint, failures: 0 }
  const lane = (endpoint: string, conversation: string): Delivery[] =>
    page(deliveries.values(), { endpoint, limit: Number.POSITIVE_INFINITY }).filter(
      (one) => one.place === 'lane' && one.conversation === conversation,
    )
  /** If nothing of the lane is due, its first one is. */
  const advance = (endpoint: string, conversation: string, now: number): void => {
    const waiting = lane(endpoint, conversation)
    const [first] = waiting
    if (first && waiting.every(({ dueAt }) => dueAt === undefined))
      deliveries.set(keyOf(first), { ...first, dueAt: now })
  }
  const bury = (delivery: Delivery, attempts: number, reason: string, status: number | undefined, at: number): void => {
    const { endpoint, eventId, conversation, event } = delivery
    deliveries.delete(keyOf(delivery))
    dead.set(keyOf(delivery), {
      ...{ endpoint, eventId, conversation, seq: delivery.seq, attempts, reason, at, event },
      ...(status !== undefined && { status }),
    })
  }
  const attempt = async <T>(work: () => T): Promise<T> => {
    if (closed) throw new DchatError('usage/closed', { what: 'queue' })
    return work()
  }

  const add = (event: BotEvent, endpoints: readonly string[], now: number): boolean => {
    const { event_id: eventId, conversation } = event.data
    if (known.has(eventId)) return false
    seq += 1
    known.set(eventId, { at: now, seq })
    for (const endpoint of endpoints) {
      const delivery: Delivery = {
        ...{ endpoint, eventId, conversation: conversation.id, seq, place: 'lane', attempts: 0 },
        event: structuredClone(event),
      }
      deliveries.set(keyOf(delivery), delivery)
      const { disabled } = healthOf(endpoint)
      if (disabled === undefined) advance(endpoint, conversation.id, now)
      else bury(delivery, 0, disabled, undefined, now)
    }
    return true
  }

  const settle: Queue['settle'] = (given, outcome, now) =>
    attempt(() => {
      const delivery = deliveries.get(keyOf(given))
      const { endpoint, conversation } = given
      if (!delivery) return healthOf(endpoint)
      const attempts = delivery.attempts + 1
      const { failingSince = now, failures, lastStatus: _, ...rest } = healthOf(endpoint)
      const last = { lastAt: now, ...(outcome.status !== undefined && { lastStatus: outcome.status }) }
      if (outcome.state === 'done') {
        deliveries.delete(keyOf(delivery))
        healths.set(endpoint, { ...rest, ...last, failures: 0 })
      } else {
        healths.set(endpoint, { ...rest, ...last, failingSince, failures: failures + 1 })
        if (outcome.state === 'dead') bury(delivery, attempts, outcome.reason, outcome.status, now)
        else {
          const { place, dueAt, reason } = outcome
          deliveries.set(keyOf(delivery), { ...delivery, attempts, place, dueAt, reason })
        }
      }
      advance(endpoint, conversation, now)
      return healthOf(endpoint)
    })

  return {
    add: (event, endpoints, now) => attempt(() => add(event, endpoints, now)),
    ready: (endpoint, place, now, limit) =>
      attempt(() =>
        [...deliveries.values()]
          .filter((one) => one.endpoint === endpoint && one.place === place && (one.dueAt ?? Infinity) <= now)
          .toSorted((a, b) => (a.dueAt ?? 0) - (b.dueAt ?? 0) || a.seq - b.seq)
          .slice(0, limit),
      ),
    nextDue: (endpoint, after) =>
      attempt(() => {
        const times = [...deliveries.values()].flatMap((one) =>
          one.endpoint === endpoint && one.dueAt !== undefined && one.dueAt > after ? [one.dueAt] : [],
        )
        return times.length === 0 ? undefined : Math.min(...times)
      }),
    answered: (given, actions: readonly Action[]) =>
      attempt(() => {
        const delivery = deliveries.get(keyOf(given))
        if (delivery) deliveries.set(keyOf(given), { ...delivery, answer: structuredClone(actions) })
      }),
    settle,
    waiting: ({ place, ...query } = {}) =>
      attempt(() =>
        page(
          [...deliveries.values()].filter((one) => place === undefined || one.place === place),
          query,
        ),
      ),
    deadLetters: (query = {}) => attempt(() => page(dead.values(), query)),
    replay: (endpoint, eventId, now) =>
      attempt(() => {
        const { disabled } = healthOf(endpoint)
        if (disabled !== undefined) throw new DchatError('webhook/disabled', { endpoint, reason: disabled })
        const chosen = page(dead.values(), { endpoint, limit: Number.POSITIVE_INFINITY }).filter(
          (letter) => eventId === undefined || letter.eventId === eventId,
        )
        for (const { conversation, event, seq, eventId } of chosen) {
          dead.delete(keyOf({ endpoint, seq }))
          const back = { endpoint, eventId, conversation, seq, place: 'lane', attempts: 0, event } as const
          deliveries.set(keyOf(back), back)
        }
        for (const { conversation } of chosen) advance(endpoint, conversation, now)
        return chosen.length
      }),
    health: (endpoint) => attempt(() => healthOf(endpoint)),
    disable: (endpoint, reason, now) =>
      attempt(() => {
        healths.set(endpoint, { ...healthOf(endpoint), disabled: reason })
        for (const one of [...deliveries.values()])
          if (one.endpoint === endpoint) bury(one, one.attempts, reason, undefined, now)
      }),
    enable: (endpoint) =>
      attempt(() => {
        const { disabled: _, failingSince: __, ...rest } = healthOf(endpoint)
        healths.set(endpoint, { ...rest, failures: 0 })
      }),
    webhooks: () => attempt(() => [...webhooks.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))),
    changeWebhook: (name, change) =>
      attempt(() => {
        const known = webhooks.get(name)
        const changed = structuredClone(change(known))
        webhooks.set(name, changed)
        if (known === undefined) healths.delete(name)
        return changed
      }),
    dropWebhook: (name) =>
      attempt(() => {
        for (const rows of [deliveries, dead])
          for (const [key, { endpoint }] of rows) if (endpoint === name) rows.delete(key)
        healths.delete(name)
        return webhooks.delete(name)
      }),
    secret: (name, make) =>
      attempt(() => {
        const held = secrets.get(name) ?? make()
        secrets.set(name, held)
        return held
      }),
    forget: (before) =>
      attempt(() => {
        const letters = [...dead.values()].filter(({ at }) => at < before)
        for (const letter of letters) dead.delete(keyOf(letter))
        const needed = new Set([...deliveries.values(), ...dead.values()].map(({ eventId }) => eventId))
        const over = [...known].filter(([id, { at }]) => at < before && !needed.has(id))
        for (const [id] of over) known.delete(id)
        return over.length
      }),
    close: async () => {
      closed = true
    },
  }
}
