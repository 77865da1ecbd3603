import { decodeCbor, encodeCbor } from '@dchat/sdk/wire'
import { archiveGrowth, withinArchive } from '../policy/quota.ts'
import type { Appliers } from './outcome.ts'
import { asBytes, type Reads, type Sql, withinBytes } from './rows.ts'
import { spendInvitation } from './sqlite-invitations.ts'
import type { Store } from './store.ts'

export type IdentityReads = Pick<
  Store,
  'identity' | 'addressesOfKey' | 'isActiveDevice' | 'isRevokedDevice' | 'archive' | 'archiveSlot'
>

/** All branches of one identity fit: eight of a thousand entries of 8 KiB. */
const BRANCHES_LIMIT = { size: 128 * 1024 * 1024, items: 1_000_000 }

export const identityReads = (sql: Reads): IdentityReads => ({
  identity: async (address) => {
    const row = sql.get('SELECT branches FROM identities WHERE address = ?', address)
    if (!row) return undefined
    const keys = sql.all('SELECT key, shown FROM identity_keys WHERE address = ? ORDER BY key', address)
    const devices = sql.all('SELECT device, revoked FROM identity_devices WHERE address = ? ORDER BY place', address)
    return {
      address,
      branches: decodeCbor(asBytes(row.branches), 'stored identity', BRANCHES_LIMIT) as Uint8Array[][],
      keys: keys.map(({ key, shown }) => ({ key: asBytes(key), shown: shown === 1 })),
      devices: devices.map(({ device, revoked }) => ({ device: asBytes(device), revoked: revoked === 1 })),
    }
  },
  addressesOfKey: async (key, limit) =>
    sql
      .all('SELECT address FROM identity_keys WHERE key = ? ORDER BY shown DESC, address LIMIT ?', key, limit)
      .map(({ address }) => address as string),
  isActiveDevice: async (device, address) =>
    (address === undefined
      ? sql.get('SELECT 1 AS held FROM identity_devices WHERE device = ? AND revoked = 0 LIMIT 1', device)
      : sql.get(
          'SELECT 1 AS held FROM identity_devices WHERE device = ? AND revoked = 0 AND address = ?',
          device,
          address,
        )) !== undefined,
  isRevokedDevice: async (device) =>
    sql.get('SELECT MIN(revoked) AS revoked FROM identity_devices WHERE device = ?', device)?.revoked === 1,
  archiveSlot: async (address, slot) => {
    const row = sql.get('SELECT time, body FROM archive WHERE address = ? AND slot = ?', address, slot)
    return row && { body: asBytes(row.body), time: row.time as number }
  },
  archive: async (address, after, page) => {
    const rows = sql.all(
      'SELECT slot, time, body FROM archive WHERE address = ? AND slot > ? ORDER BY slot LIMIT ?',
      address,
      after ?? new Uint8Array(),
      page.limit,
    )
    const slots = rows.map((row) => ({ slot: asBytes(row.slot), body: asBytes(row.body), time: row.time as number }))
    return withinBytes(slots, page.bytes, ({ body }) => body.length)
  },
})

export const identityWrites = (sql: Sql): Pick<Appliers, 'identity.put' | 'archive.put'> => ({
  'identity.put': ({ record: { address, branches, keys, devices }, invitation }) => {
    if (invitation && sql.get('SELECT 1 AS held FROM identities WHERE address = ?', address) === undefined)
      spendInvitation(sql, invitation)
    sql.run(
      'INSERT INTO identities (address, branches) VALUES (?,?) ON CONFLICT DO UPDATE SET branches = excluded.branches',
      address,
      encodeCbor(branches),
    )
    sql.run('DELETE FROM identity_keys WHERE address = ?', address)
    sql.run('DELETE FROM identity_devices WHERE address = ?', address)
    for (const { key, shown } of keys)
      sql.run('INSERT INTO identity_keys (key, address, shown) VALUES (?,?,?)', key, address, shown ? 1 : 0)
    devices.forEach(({ device, revoked }, place) => {
      sql.run(
        'INSERT OR REPLACE INTO identity_devices (device, address, place, revoked) VALUES (?,?,?,?)',
        device,
        address,
        place,
        revoked ? 1 : 0,
      )
    })
    return null
  },

  'archive.put': ({ address, slot, body, time, limits }) => {
    const held = sql.get('SELECT length(body) AS bytes FROM archive WHERE address = ? AND slot = ?', address, slot)
    const used = sql.get('SELECT slots, bytes FROM archives WHERE address = ?', address)
    const before = { slots: (used?.slots as number) ?? 0, bytes: (used?.bytes as number) ?? 0 }
    const added = archiveGrowth(held?.bytes as number | undefined, body.length)
    withinArchive(limits, before, added)
    if (body.length === 0) sql.run('DELETE FROM archive WHERE address = ? AND slot = ?', address, slot)
    else
      sql.run(
        `INSERT INTO archive (address, slot, time, body) VALUES (?,?,?,?)
         ON CONFLICT DO UPDATE SET time = excluded.time, body = excluded.body`,
        address,
        slot,
        time,
        body,
      )
    sql.run(
      `INSERT INTO archives (address, slots, bytes) VALUES (?,?,?)
       ON CONFLICT DO UPDATE SET slots = excluded.slots, bytes = excluded.bytes`,
      address,
      before.slots + added.slots,
      before.bytes + added.bytes,
    )
    return null
  },
})
