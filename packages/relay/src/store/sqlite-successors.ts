import { DchatError, toHex } from '@dchat/sdk/wire'
import { withinQuota } from '../policy/quota.ts'
import type { Appliers } from './outcome.ts'
import { asBytes, type Reads, type Sql, withinBytes } from './rows.ts'
import type { Store } from './store.ts'

export const successorReads = (sql: Reads): Pick<Store, 'successors'> => ({
  successors: async (topic, after, page) => {
    // Lengths first: what does not fit into the page is not loaded.
    const places = sql.all(
      `SELECT id, length(body) AS bytes FROM successors WHERE topic = (SELECT id FROM topics WHERE topic = ?)
       AND seq > ? ORDER BY seq LIMIT ?`,
      topic,
      after,
      page.limit,
    )
    return withinBytes(places, page.bytes, ({ bytes }) => bytes as number).flatMap(({ id }) => {
      const row = sql.get('SELECT seq, time, reference, body FROM successors WHERE id = ?', id)
      return row
        ? [
            {
              seq: row.seq as number,
              time: row.time as number,
              reference: asBytes(row.reference),
              body: asBytes(row.body),
            },
          ]
        : []
    })
  },
})

export const successorWrites = (sql: Sql): Pick<Appliers, 'successor.put'> => ({
  'successor.put': ({ topic, reference, body, epoch, time, bounds }) => {
    const held = sql.get('SELECT id, successors FROM topics WHERE topic = ?', topic)
    if (!held) throw new DchatError('relay/unknown-topic', { topic: toHex(topic) })
    const known = sql.get('SELECT seq FROM successors WHERE topic = ? AND reference = ?', held.id, reference)
    if (known) return { seq: known.seq as number }
    for (const bound of bounds) {
      const older = sql.get(
        'SELECT count(*) AS items FROM successors WHERE topic = ? AND epoch <= ?',
        held.id,
        bound.epoch,
      )
      withinQuota('items of one successor list', bound.items, older?.items as number, 1)
    }
    const seq = (held.successors as number) + 1
    sql.run('UPDATE topics SET successors = ? WHERE id = ?', seq, held.id)
    sql.run(
      'INSERT INTO successors (topic, seq, reference, epoch, time, body) VALUES (?,?,?,?,?,?)',
      held.id,
      seq,
      reference,
      epoch,
      time,
      body,
    )
    return { seq }
  },
})
