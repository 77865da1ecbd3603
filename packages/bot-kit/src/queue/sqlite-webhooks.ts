import type { Sql } from './database.ts'
import type { StoredWebhook } from './queue.ts'
import { webhookOf } from './rows.ts'

/** The webhooks in the file of a queue: statements of one transaction each. */

export const listWebhooks = (sql: Sql): readonly StoredWebhook[] =>
  sql.all('SELECT * FROM webhook ORDER BY name').map(webhookOf)

export const changeWebhook = (
  sql: Sql,
  name: string,
  change: (known: StoredWebhook | undefined) => StoredWebhook,
): StoredWebhook => {
  const row = sql.get('SELECT * FROM webhook WHERE name = ?', name)
  const changed = change(row && webhookOf(row))
  // What an earlier one of this name came to says nothing of this one.
  if (!row) sql.run('DELETE FROM endpoint WHERE name = ?', name)
  sql.run(
    `INSERT INTO webhook (name, url, keys, is_private, tested_at) VALUES (?1, ?2, ?3, ?4, ?5)
      ON CONFLICT (name) DO UPDATE SET url = ?2, keys = ?3, is_private = ?4, tested_at = ?5`,
    ...[name, changed.url, JSON.stringify(changed.keys), changed.isPrivate ? 1 : 0, changed.testedAt ?? null],
  )
  return changed
}

/** The events that nobody waits for any more lose their content by way of `blank`. */
export const dropWebhook = (sql: Sql, name: string, blank: (sql: Sql, seq: number) => void): boolean => {
  const waiting = ['delivery', 'dead_letter'].flatMap((table) =>
    sql.all(`DELETE FROM ${table} WHERE endpoint = ? RETURNING seq`, name),
  )
  for (const { seq } of waiting) blank(sql, seq as number)
  sql.run('DELETE FROM endpoint WHERE name = ?', name)
  return sql.run('DELETE FROM webhook WHERE name = ?', name) > 0
}
