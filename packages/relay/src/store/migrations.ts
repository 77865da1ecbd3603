import { DchatError } from '@dchat/sdk/wire'
import type { Database } from 'libsql'
import { MIGRATIONS, SCHEMA_VERSION } from './schema.ts'
import type { SchemaStep } from './store.ts'

/** Throws `storage/newer-schema`. To be asked before anything is set up, so that a newer database is not touched. */
export const foundSchema = (db: Database): number => {
  const [row] = db.pragma('user_version') as { user_version: number }[]
  const found = row?.user_version ?? 0
  if (found > SCHEMA_VERSION) throw new DchatError('storage/newer-schema', { found, supported: SCHEMA_VERSION })
  return found
}

/** Brings a database forward, all steps in one transaction. Says from where, unless it was new. */
export const migrate = (db: Database): SchemaStep | undefined => {
  const found = foundSchema(db)
  if (found === SCHEMA_VERSION) return undefined
  db.exec('BEGIN IMMEDIATE')
  try {
    for (const step of MIGRATIONS.slice(found)) db.exec(step)
    db.pragma(`user_version = ${SCHEMA_VERSION}`)
    db.exec('COMMIT')
    return found === 0 ? undefined : { from: found, to: SCHEMA_VERSION }
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK')
    throw error
  }
}
