import { DchatError } from '@dchat/sdk/errors'
import { openDatabase, type Row, type Sql } from './database.ts'
import type { DeadLetterQuery, Outcome, Queue } from './queue.ts'
import { deadLetterOf, deliveryOf, healthOf } from './rows.ts'
import { changeWebhook, dropWebhook, listWebhooks } from './sqlite-webhooks.ts'

const DELIVERY = `SELECT d.*, i.event_id, i.body FROM delivery d JOIN inbox i ON i.seq = d.seq`

const disabledOf = (sql: Sql, endpoint: string): string | undefined =>
  (sql.get('SELECT disabled FROM endpoint WHERE name = ?', endpoint)?.disabled as string | null) ?? undefined

/** If nothing of the lane is due, its first one is. */
const advance = (sql: Sql, endpoint: string, conv: string, now: number): void => {
  const lane = `FROM delivery WHERE endpoint = ? AND conv = ? AND place = 'lane'`
  if (sql.get(`SELECT 1 ${lane} AND due_at IS NOT NULL LIMIT 1`, endpoint, conv)) return
  const first = sql.get(`SELECT seq ${lane} ORDER BY seq LIMIT 1`, endpoint, conv)
  if (first) sql.run('UPDATE delivery SET due_at = ? WHERE endpoint = ? AND seq = ?', now, endpoint, first.seq)
}

interface Buried {
  readonly endpoint: string
  readonly seq: number
}

const bury = (sql: Sql, { endpoint, seq }: Buried, reason: string, status: number | undefined, now: number): void => {
  sql.run(
    `INSERT OR REPLACE INTO dead_letter SELECT endpoint, seq, attempts, ?, ?, ? FROM delivery WHERE endpoint = ? AND seq = ?`,
    ...[reason, status ?? null, now, endpoint, seq],
  )
  sql.run('DELETE FROM delivery WHERE endpoint = ? AND seq = ?', endpoint, seq)
}

/** What nobody waits for is not kept; its id is, so that it does not come twice. */
const blank = (sql: Sql, seq: number): void => {
  sql.run(
    `UPDATE inbox SET body = NULL WHERE seq = ?
      AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.seq = inbox.seq)
      AND NOT EXISTS (SELECT 1 FROM dead_letter d WHERE d.seq = inbox.seq)`,
    seq,
  )
}

const noteHealth = (sql: Sql, endpoint: string, outcome: Outcome, now: number): void => {
  const failed = outcome.state === 'done' ? 0 : 1
  sql.run(
    `INSERT INTO endpoint (name, failing_since, failures, last_status, last_at) VALUES (?1, iif(?2, ?3, NULL), ?2, ?4, ?3)
      ON CONFLICT (name) DO UPDATE SET
        failing_since = iif(?2, coalesce(failing_since, ?3), NULL), failures = iif(?2, failures + 1, 0),
        last_status = ?4, last_at = ?3`,
    ...[endpoint, failed, now, outcome.status ?? null],
  )
}

const settle = (sql: Sql, { endpoint, seq }: Buried, conv: string, outcome: Outcome, now: number): void => {
  const found = sql.run('UPDATE delivery SET attempts = attempts + 1 WHERE endpoint = ? AND seq = ?', endpoint, seq)
  if (found === 0) return
  noteHealth(sql, endpoint, outcome, now)
  if (outcome.state === 'again')
    sql.run(
      'UPDATE delivery SET place = ?, due_at = ?, reason = ? WHERE endpoint = ? AND seq = ?',
      ...[outcome.place, outcome.dueAt, outcome.reason, endpoint, seq],
    )
  else if (outcome.state === 'dead') bury(sql, { endpoint, seq }, outcome.reason, outcome.status, now)
  else {
    sql.run('DELETE FROM delivery WHERE endpoint = ? AND seq = ?', endpoint, seq)
    blank(sql, seq)
  }
  advance(sql, endpoint, conv, now)
}

const replay = (sql: Sql, endpoint: string, eventId: string | undefined, now: number): number => {
  const reason = disabledOf(sql, endpoint)
  if (reason !== undefined) throw new DchatError('webhook/disabled', { endpoint, reason })
  const chosen = sql.all(
    `SELECT d.seq, i.conv FROM dead_letter d JOIN inbox i ON i.seq = d.seq
      WHERE d.endpoint = ?1 AND (?2 IS NULL OR i.event_id = ?2) ORDER BY d.seq`,
    ...[endpoint, eventId ?? null],
  )
  for (const { seq, conv } of chosen) {
    sql.run('DELETE FROM dead_letter WHERE endpoint = ? AND seq = ?', endpoint, seq)
    sql.run(
      `INSERT INTO delivery (endpoint, seq, conv, place, attempts) VALUES (?, ?, ?, 'lane', 0)`,
      ...[endpoint, seq, conv],
    )
  }
  for (const conv of new Set(chosen.map((row) => row.conv as string))) advance(sql, endpoint, conv, now)
  return chosen.length
}

const add = (sql: Sql, body: string, id: string, conv: string, endpoints: readonly string[], now: number): boolean => {
  const stored = sql.get(
    'INSERT INTO inbox (event_id, conv, at, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING seq',
    ...[id, conv, now, endpoints.length === 0 ? null : body],
  )
  if (!stored) return false
  const seq = stored.seq as number
  for (const endpoint of endpoints) {
    sql.run(
      `INSERT INTO delivery (endpoint, seq, conv, place, attempts) VALUES (?, ?, ?, 'lane', 0)`,
      ...[endpoint, seq, conv],
    )
    const disabled = disabledOf(sql, endpoint)
    if (disabled === undefined) advance(sql, endpoint, conv, now)
    else bury(sql, { endpoint, seq }, disabled, undefined, now)
  }
  return true
}

const pageOf = ({ endpoint, after, limit }: DeadLetterQuery) => [endpoint ?? null, after ?? -1, limit ?? 100]

const health = (sql: Sql, endpoint: string) =>
  healthOf(endpoint, sql.get('SELECT * FROM endpoint WHERE name = ?', endpoint))

const bytesOf = (value: unknown): Uint8Array =>
  value instanceof ArrayBuffer ? new Uint8Array(value) : new Uint8Array(value as Uint8Array)

const forget = (sql: Sql, before: number): number => {
  const letters = sql.all('DELETE FROM dead_letter WHERE at < ? RETURNING seq', before)
  for (const { seq } of letters) blank(sql, seq as number)
  return sql.run('DELETE FROM inbox WHERE at < ? AND body IS NULL', before)
}

/**
 * A queue in one SQLite file (libSQL, WAL, every commit flushed to the disk), 0600. Other programs may look into it, and
 * replay dead letters, while the bot runs. Throws the errors of storage.
 */
export const sqliteQueue = (file: string): Queue => {
  const db = openDatabase(file)
  const { read, write } = db
  const rows = <T>(map: (row: Row) => T, query: string, ...params: unknown[]): Promise<readonly T[]> =>
    read((sql) => sql.all(query, ...params).map(map))
  return {
    add: (event, endpoints, now) => {
      const { event_id: id, conversation } = event.data
      const body = JSON.stringify(event)
      return write((sql) => add(sql, body, id, conversation.id, endpoints, now))
    },
    ready: (endpoint, place, now, limit) =>
      rows(
        deliveryOf,
        `${DELIVERY} WHERE d.endpoint = ? AND d.place = ? AND d.due_at <= ? ORDER BY d.due_at, d.seq LIMIT ?`,
        ...[endpoint, place, now, limit],
      ),
    nextDue: (endpoint, after) =>
      read((sql) => {
        const due = `SELECT min(due_at) AS due FROM delivery WHERE endpoint = ? AND place = ? AND due_at > ?`
        const times = ['lane', 'background'].flatMap(
          (place) => (sql.get(due, endpoint, place, after)?.due as number) ?? [],
        )
        return times.length === 0 ? undefined : Math.min(...times)
      }),
    answered: ({ endpoint, seq }, actions) => {
      const answer = JSON.stringify(actions)
      return write((sql) => {
        sql.run('UPDATE delivery SET answer = ? WHERE endpoint = ? AND seq = ?', answer, endpoint, seq)
      })
    },
    settle: (delivery, outcome, now) =>
      write((sql) => {
        settle(sql, delivery, delivery.conversation, outcome, now)
        return health(sql, delivery.endpoint)
      }),
    waiting: ({ place, ...query } = {}) =>
      rows(
        deliveryOf,
        `${DELIVERY} WHERE (?1 IS NULL OR d.endpoint = ?1) AND d.seq > ?2 AND (?4 IS NULL OR d.place = ?4) ORDER BY d.seq LIMIT ?3`,
        ...[...pageOf(query), place ?? null],
      ),
    deadLetters: (query = {}) =>
      rows(
        deadLetterOf,
        `SELECT d.*, i.event_id, i.conv, i.body FROM dead_letter d JOIN inbox i ON i.seq = d.seq
          WHERE (?1 IS NULL OR d.endpoint = ?1) AND d.seq > ?2 ORDER BY d.seq LIMIT ?3`,
        ...pageOf(query),
      ),
    replay: (endpoint, eventId, now) => write((sql) => replay(sql, endpoint, eventId, now)),
    health: (endpoint) => read((sql) => health(sql, endpoint)),
    disable: (endpoint, reason, now) =>
      write((sql) => {
        sql.run(
          `INSERT INTO endpoint (name, disabled, failures) VALUES (?1, ?2, 0) ON CONFLICT (name) DO UPDATE SET disabled = ?2`,
          ...[endpoint, reason],
        )
        for (const { seq } of sql.all('SELECT seq FROM delivery WHERE endpoint = ?', endpoint))
          bury(sql, { endpoint, seq: seq as number }, reason, undefined, now)
      }),
    enable: (endpoint) =>
      write((sql) => {
        sql.run('UPDATE endpoint SET disabled = NULL, failing_since = NULL, failures = 0 WHERE name = ?', endpoint)
      }),
    webhooks: () => read(listWebhooks),
    changeWebhook: (name, change) => write((sql) => changeWebhook(sql, name, change)),
    dropWebhook: (name) => write((sql) => dropWebhook(sql, name, blank)),
    secret: (name, make) =>
      write((sql) => {
        const held = sql.get('SELECT value FROM secret WHERE name = ?', name)
        if (held) return bytesOf(held.value)
        const value = make()
        sql.run('INSERT INTO secret (name, value) VALUES (?, ?)', name, value)
        return value
      }),
    forget: (before) => write((sql) => forget(sql, before)),
    close: () => db.close(),
  }
}
