import type { BotEvent } from '../events/event.ts'
import type { Row } from './database.ts'
import type { DeadLetter, Delivery, EndpointHealth, StoredWebhook } from './queue.ts'

/** Rows as records. A column that is null becomes a field that is absent. */

const optional = (name: string, value: unknown): object =>
  value === null || value === undefined ? {} : { [name]: value }

const json = (text: unknown): unknown => JSON.parse(text as string)

const where = (row: Row) => ({
  endpoint: row.endpoint as string,
  eventId: row.event_id as string,
  conversation: row.conv as string,
  seq: row.seq as number,
  attempts: row.attempts as number,
  event: json(row.body) as BotEvent,
})

export const deliveryOf = (row: Row): Delivery => ({
  ...where(row),
  place: row.place as Delivery['place'],
  ...optional('dueAt', row.due_at),
  ...optional('reason', row.reason),
  ...optional('answer', row.answer === null ? null : json(row.answer)),
})

export const deadLetterOf = (row: Row): DeadLetter => ({
  ...where(row),
  reason: row.reason as string,
  at: row.at as number,
  ...optional('status', row.status),
})

export const webhookOf = (row: Row): StoredWebhook => ({
  name: row.name as string,
  url: row.url as string,
  keys: json(row.keys) as StoredWebhook['keys'],
  isPrivate: row.is_private === 1,
  ...optional('testedAt', row.tested_at),
})

export const healthOf = (endpoint: string, row: Row | undefined): EndpointHealth => ({
  endpoint,
  failures: (row?.failures as number | undefined) ?? 0,
  ...optional('disabled', row?.disabled),
  ...optional('failingSince', row?.failing_since),
  ...optional('lastStatus', row?.last_status),
  ...optional('lastAt', row?.last_at),
})
