import type { Sql } from './rows.ts'
import type { SweepTimes } from './store.ts'

/** One slice of retention; runs inside a transaction. Returns how many rows it changed. */
export const sweepSlice = (sql: Sql, times: SweepTimes, limit: number): number =>
  trimEntries(sql, 0, times.entries, limit) +
  trimEntries(sql, 1, times.commits, limit) +
  sql.run(
    'DELETE FROM successors WHERE id IN (SELECT id FROM successors WHERE time < ? LIMIT ?)',
    times.successors,
    limit,
  ).changes +
  expireInbox(sql, times, limit) +
  sql.run('DELETE FROM blobs WHERE rowid IN (SELECT rowid FROM blobs WHERE time < ? LIMIT ?)', times.blobs, limit)
    .changes +
  sql.run(
    'DELETE FROM packages WHERE id IN (SELECT id FROM packages WHERE claimed IS NOT NULL AND claimed < ? LIMIT ?)',
    times.references,
    limit,
  ).changes

/** Bodies go; entry hash, time and receipt stay. */
const trimEntries = (sql: Sql, kind: number, before: number, limit: number): number => {
  const due = sql.all(
    `SELECT id, topic, length(body) + coalesce(length(frame), 0) AS bytes FROM entries
     WHERE kind = ? AND body IS NOT NULL AND time < ? ORDER BY time LIMIT ?`,
    kind,
    before,
    limit,
  )
  const freed = new Map<number, number>()
  for (const { id, topic, bytes } of due) {
    sql.run('UPDATE entries SET body = NULL, frame = NULL WHERE id = ?', id)
    freed.set(topic as number, (freed.get(topic as number) ?? 0) + (bytes as number))
  }
  for (const [topic, bytes] of freed) sql.run('UPDATE topics SET bytes = bytes - ? WHERE id = ?', bytes, topic)
  return due.length
}

const expireInbox = (sql: Sql, times: SweepTimes, limit: number): number => {
  const due = sql.all(
    'SELECT id, inbox, length(body) AS bytes FROM inbox_items WHERE body IS NOT NULL AND time < ? LIMIT ?',
    times.inbox,
    limit,
  )
  for (const { id, inbox, bytes } of due) {
    sql.run('DELETE FROM inbox_items WHERE id = ?', id)
    sql.run('UPDATE inboxes SET items = items - 1, bytes = bytes - ? WHERE id = ?', bytes, inbox)
  }
  const acked = 'SELECT id FROM inbox_items WHERE acked IS NOT NULL AND acked < ? LIMIT ?'
  return due.length + sql.run(`DELETE FROM inbox_items WHERE id IN (${acked})`, times.references, limit).changes
}
