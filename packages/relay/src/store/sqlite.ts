import { DchatError } from '@dchat/sdk/wire'
import { type Appliers, applyWrite } from './outcome.ts'
import { asBytes, sqlOf } from './rows.ts'
import { identityReads, identityWrites } from './sqlite-identities.ts'
import { inboxReads, inboxWrites } from './sqlite-inboxes.ts'
import { invitationReads, invitationWrites } from './sqlite-invitations.ts'
import { failure, openOwned } from './sqlite-open.ts'
import { successorReads, successorWrites } from './sqlite-successors.ts'
import { sweepSlice } from './sqlite-sweep.ts'
import { appendTopic, topicReads } from './sqlite-topics.ts'
import type { Store } from './store.ts'
import { TopicCache } from './topic-cache.ts'
import { diskUsage } from './usage.ts'

export interface SqliteOptions {
  /** The database refuses to grow beyond this many bytes: `storage/full`. Default: the disk decides. */
  readonly maxBytes?: number
}

/**
 * Opens or creates the relay's database in a directory and becomes its owner, until it is closed or the process ends.
 * Throws `storage/in-use`, `storage/newer-schema`, `storage/corrupt`, `storage/full` or `storage/unavailable`.
 */
export const sqliteStore = (directory: string, { maxBytes }: SqliteOptions = {}): Store => {
  let closed = false
  const alive = (): void => {
    if (closed) throw new DchatError('usage/closed', { what: 'store' })
  }
  const attempt = <T>(work: () => T): T => {
    alive()
    try {
      return work()
    } catch (error) {
      throw failure(directory, error)
    }
  }
  const { db, copied, release } = attempt(() => openOwned(directory, maxBytes))
  const sql = sqlOf(db)
  const cache = new TopicCache()
  const appliers: Appliers = {
    'topic.append': appendTopic(sql, cache),
    ...successorWrites(sql),
    ...inboxWrites(sql),
    ...identityWrites(sql),
    ...invitationWrites(sql),
  }

  /** All of `work` or nothing; SQLite itself rolls back at a full disk. */
  const transaction = <T>(work: () => T): T =>
    attempt(() => {
      db.exec('BEGIN IMMEDIATE')
      try {
        const result = work()
        db.exec('COMMIT')
        return result
      } catch (error) {
        cache.clear()
        if (db.inTransaction) db.exec('ROLLBACK')
        throw error
      }
    })

  const reads = {
    ...topicReads(sql, cache),
    ...successorReads(sql),
    ...inboxReads(sql),
    ...identityReads(sql),
    ...invitationReads(sql),
  }
  const guarded = Object.fromEntries(
    Object.entries(reads).map(([name, read]) => [
      name,
      async (...args: never[]) => {
        alive()
        try {
          return await (read as (...args: never[]) => Promise<unknown>)(...args)
        } catch (error) {
          throw failure(directory, error)
        }
      },
    ]),
  ) as unknown as typeof reads

  return {
    ...guarded,
    copied,
    usage: () => diskUsage(directory),
    secret: async (name, make) =>
      transaction(() => {
        const held = sql.get('SELECT value FROM secrets WHERE name = ?', name)
        if (held) return asBytes(held.value)
        const value = make()
        sql.run('INSERT INTO secrets (name, value) VALUES (?,?)', name, value)
        return value
      }),
    commit: async (writes) => transaction(() => writes.map((write) => applyWrite(appliers, write))),
    sweep: async (times, limit) => {
      // It changes how many bytes topics hold.
      cache.clear()
      return transaction(() => sweepSlice(sql, times, limit))
    },
    check: async () => {
      attempt(() => sql.get('SELECT seq FROM topics LIMIT 1'))
    },
    close: async () => {
      if (closed) return
      attempt(release)
      closed = true
    },
  }
}
