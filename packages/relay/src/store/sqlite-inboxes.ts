import { DchatError } from '@dchat/sdk/wire'
import type { Appliers } from './outcome.ts'
import { asBytes, type Reads, type Sql, withinBytes } from './rows.ts'
import type { Store, Writes } from './store.ts'

export type InboxReads = Pick<Store, 'inboxHead' | 'inboxUse' | 'inboxItems' | 'packageCount'>

export const inboxReads = (sql: Reads): InboxReads => ({
  inboxHead: async (device) => (sql.get('SELECT seq FROM inboxes WHERE device = ?', device)?.seq as number) ?? 0,
  inboxUse: async (device) => {
    const row = sql.get('SELECT items, bytes FROM inboxes WHERE device = ?', device)
    return { items: (row?.items as number) ?? 0, bytes: (row?.bytes as number) ?? 0 }
  },
  inboxItems: async (device, after, page) => {
    const rows = sql.all(
      `SELECT seq, time, body FROM inbox_items WHERE inbox = (SELECT id FROM inboxes WHERE device = ?)
       AND seq > ? AND body IS NOT NULL ORDER BY seq LIMIT ?`,
      device,
      after,
      page.limit,
    )
    const items = rows.map((row) => ({ seq: row.seq as number, time: row.time as number, body: asBytes(row.body) }))
    return withinBytes(items, page.bytes, ({ body }) => body.length)
  },
  packageCount: async (device, suite) => ({
    count: stock(sql, device, suite),
    lastResort:
      sql.get('SELECT 1 AS held FROM last_resorts WHERE device = ? AND suite = ?', device, suite) !== undefined,
  }),
})

const stock = (sql: Reads, device: Uint8Array, suite: string): number =>
  sql.get('SELECT count(*) AS n FROM packages WHERE device = ? AND suite = ? AND package IS NOT NULL', device, suite)
    ?.n as number

export const inboxWrites = (sql: Sql): Pick<Appliers, 'inbox.put' | 'inbox.ack' | 'keys.publish' | 'keys.claim'> => ({
  'inbox.put': ({ device, reference, body, time, limits }) => {
    const held = sql.get('SELECT id, seq, items, bytes, gap FROM inboxes WHERE device = ?', device)
    if (held) {
      const known = sql.get('SELECT seq FROM inbox_items WHERE inbox = ? AND reference = ?', held.id, reference)
      if (known) return { seq: known.seq as number }
      if ((held.items as number) >= limits.items)
        throw new DchatError('relay/quota', { what: 'items of one inbox', limit: limits.items })
      if ((held.bytes as number) + body.length > limits.bytes)
        throw new DchatError('relay/quota', { what: 'bytes of one inbox', limit: limits.bytes })
    }
    const id = held
      ? (held.id as number)
      : sql.run('INSERT INTO inboxes (device, seq, items, bytes) VALUES (?, 0, 0, 0)', device).lastInsertRowid
    const seq = ((held?.seq as number) ?? 0) + ((held?.gap as number) ?? 0) + 1
    sql.run(
      'UPDATE inboxes SET seq = ?, gap = 0, items = items + 1, bytes = bytes + ? WHERE id = ?',
      seq,
      body.length,
      id,
    )
    sql.run(
      'INSERT INTO inbox_items (inbox, seq, reference, time, body) VALUES (?,?,?,?,?)',
      id,
      seq,
      reference,
      time,
      body,
    )
    return { seq }
  },

  'inbox.ack': ({ device, seq, time }) => {
    const id = sql.get('SELECT id FROM inboxes WHERE device = ?', device)?.id
    if (id === undefined) return null
    const gone = sql.get(
      'SELECT count(*) AS items, total(length(body)) AS bytes FROM inbox_items WHERE inbox = ? AND seq <= ? AND body IS NOT NULL',
      id,
      seq,
    )
    sql.run(
      'UPDATE inbox_items SET body = NULL, acked = ? WHERE inbox = ? AND seq <= ? AND body IS NOT NULL',
      time,
      id,
      seq,
    )
    sql.run('UPDATE inboxes SET items = items - ?, bytes = bytes - ? WHERE id = ?', gone?.items, gone?.bytes, id)
    return null
  },

  'keys.publish': ({ device, suite, oneTime, lastResort, replace, time, limit }) => {
    if (replace)
      sql.run(
        'UPDATE packages SET package = NULL, claimed = ? WHERE device = ? AND suite = ? AND package IS NOT NULL',
        time,
        device,
        suite,
      )
    const fresh = oneTime.filter(
      ({ hash }, index) =>
        sql.get('SELECT 1 AS held FROM packages WHERE device = ? AND suite = ? AND hash = ?', device, suite, hash) ===
          undefined && oneTime.findIndex((other) => Buffer.compare(other.hash, hash) === 0) === index,
    )
    const count = stock(sql, device, suite) + fresh.length
    if (count > limit) throw new DchatError('relay/quota', { what: 'one-time key packages of one device', limit })
    for (const { hash, package: body } of fresh)
      sql.run('INSERT INTO packages (device, suite, hash, package) VALUES (?,?,?,?)', device, suite, hash, body)
    if (lastResort)
      sql.run(
        'INSERT INTO last_resorts (device, suite, package) VALUES (?,?,?) ON CONFLICT DO UPDATE SET package = excluded.package',
        device,
        suite,
        lastResort,
      )
    return { count }
  },

  'keys.claim': ({ devices, suite, time, spare = false }) => ({
    packages: devices.flatMap((device): Writes['keys.claim']['result']['packages'] => {
      const last = sql.get('SELECT package FROM last_resorts WHERE device = ? AND suite = ?', device, suite)
      const resort = last && { device, package: asBytes(last.package), lastResort: true }
      if (resort && spare) return [resort]
      const row = sql.get(
        'SELECT id, package FROM packages WHERE device = ? AND suite = ? AND package IS NOT NULL ORDER BY id LIMIT 1',
        device,
        suite,
      )
      if (row) {
        sql.run('UPDATE packages SET package = NULL, claimed = ? WHERE id = ?', time, row.id)
        return [{ device, package: asBytes(row.package), lastResort: false }]
      }
      return resort ? [resort] : []
    }),
  }),
})
