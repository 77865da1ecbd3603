import { DchatError } from '@dchat/sdk/wire'
import { needOpen } from '../policy/invitations.ts'
import type { Appliers } from './outcome.ts'
import { asBytes, type Reads, type Row, type Sql } from './rows.ts'
import type { Store, StoredInvitation } from './store.ts'

const COLUMNS = 'hash, note, uses, used, created, expires, revoked'

const invitationOf = (row: Row): StoredInvitation => ({
  hash: asBytes(row.hash),
  note: row.note as string,
  uses: row.uses as number,
  used: row.used as number,
  createdAt: row.created as number,
  expiresAt: row.expires as number | null,
  revokedAt: row.revoked as number | null,
})

const held = (sql: Reads, hash: Uint8Array): StoredInvitation | undefined => {
  const row = sql.get(`SELECT ${COLUMNS} FROM invitations WHERE hash = ?`, hash)
  return row && invitationOf(row)
}

export const invitationReads = (sql: Reads): Pick<Store, 'invitation' | 'invitations'> => ({
  invitation: async (hash) => held(sql, hash),
  invitations: async () => sql.all(`SELECT ${COLUMNS} FROM invitations ORDER BY created, hash`).map(invitationOf),
})

export const invitationWrites = (sql: Sql): Pick<Appliers, 'invitation.put' | 'invitation.revoke'> => ({
  'invitation.put': ({ invitation: { hash, note, uses, createdAt, expiresAt } }) => {
    if (held(sql, hash)) throw new DchatError('relay/conflict', { what: 'an invitation of this secret' })
    sql.run(`INSERT INTO invitations (${COLUMNS}) VALUES (?,?,?,0,?,?,NULL)`, hash, note, uses, createdAt, expiresAt)
    return null
  },
  'invitation.revoke': ({ hash, time }) => {
    sql.run('UPDATE invitations SET revoked = ? WHERE hash = ? AND revoked IS NULL', time, hash)
    return null
  },
})

/** Takes one use. Throws `relay/not-invited`. */
export const spendInvitation = (
  sql: Sql,
  { hash, time }: { readonly hash: Uint8Array; readonly time: number },
): void => {
  needOpen(held(sql, hash), time)
  sql.run('UPDATE invitations SET used = used + 1 WHERE hash = ?', hash)
}
