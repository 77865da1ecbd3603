import { DchatError } from '@dchat/sdk/wire'
import { type Appliers, applyWrite } from './outcome.ts'
import { asBytes } from './rows.ts'
import { Connections } from './sqlite-connections.ts'
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
    try {
      return work()
    } catch (error) {
      throw failure(directory, error)
    }
  }
  const { handles, copied, upgraded, release } = attempt(() => openOwned(directory, maxBytes))
  const cache = new TopicCache()
  const connections = new Connections(handles, () => cache.rollBack())
  const { reading, writing: sql } = connections
  const appliers: Appliers = {
    'topic.append': appendTopic(sql, cache),
    ...successorWrites(sql),
    ...inboxWrites(sql),
    ...identityWrites(sql),
    ...invitationWrites(sql),
  }

  const guard = async <T>(work: () => T | Promise<T>): Promise<T> => {
    alive()
    try {
      return await work()
    } catch (error) {
      throw failure(directory, error)
    }
  }
  const transaction = <T>(writes: number, work: () => T, done = () => cache.settle()): Promise<T> =>
    guard(() => connections.transaction(writes, work, done))

  const reads = {
    ...topicReads(reading, cache),
    ...successorReads(reading),
    ...inboxReads(reading),
    ...identityReads(reading),
    ...invitationReads(reading),
  }
  const guarded = Object.fromEntries(
    Object.entries(reads).map(([name, read]) => [
      name,
      (...args: never[]) =>
        guard(() => connections.snapshot(() => (read as (...args: never[]) => Promise<unknown>)(...args))),
    ]),
  ) as unknown as typeof reads

  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    closed = true
    await connections.idle()
    attempt(release)
  }

  return {
    ...guarded,
    copied,
    upgraded,
    usage: () => diskUsage(directory),
    secret: (name, make) =>
      transaction(1, () => {
        const held = sql.get('SELECT value FROM secrets WHERE name = ?', name)
        if (held) return asBytes(held.value)
        const value = make()
        sql.run('INSERT INTO secrets (name, value) VALUES (?,?)', name, value)
        return value
      }),
    commit: (writes) => transaction(writes.length, () => writes.map((write) => applyWrite(appliers, write))),
    sweep: (times, limit) =>
      transaction(
        limit,
        () => sweepSlice(sql, times, limit),
        // It changes how many bytes topics hold.
        () => cache.clear(),
      ),
    check: () => guard(() => void reading.get('SELECT seq FROM topics LIMIT 1')),
    close: () => (closing ??= close()),
  }
}
