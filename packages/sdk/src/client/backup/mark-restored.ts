import type { StoreWriter, WholeRow } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import type { Table } from '../../ports/storage.ts'
import { waitFrom } from '../../util/time.ts'
import { archiveAfterRestore } from '../history/chain.ts'
import { putJob } from '../jobs.ts'
import { pauseListings } from '../listings/rows.ts'
import { SELF_OPENING } from '../personal/self-opening.ts'
import type {
  ConversationRecord,
  IntentRecord,
  JobRecord,
  JobTask,
  KeyPackageRecord,
  PendingCommitRecord,
  RoomRecord,
  SelfRecord,
} from '../records.ts'
import { noteReserved } from './reserved.ts'

/** What a store remembers of relays: they hold other things by now. */
const OF_RELAYS = ['announced/', 'stocked/', 'stock/'] as const

/**
 * Makes of rows that were written back a store that may be opened (backup.md). The device that wrote them may have gone on
 * after that moment, so nothing is ever sent from its ratchets, and what it showed to others is not shown again: rooms
 * are read and then entered anew, commits on their way come to their end and count as used, key packages are kept for
 * Welcomes that are on their way and replaced at the relays. Throws `backup/damaged` where no identity is among the rows.
 */
export const markRestored = async (tx: StoreWriter, now: number): Promise<SelfRecord> => {
  const self = await tx.get<SelfRecord>('meta', 'self')
  if (self === undefined) throw new DchatError('backup/damaged', { reason: 'it holds no identity' })
  for (const { key } of await allOf(tx, 'meta'))
    if (OF_RELAYS.some((name) => key.startsWith(name))) tx.delete('meta', key)
  await forgetSelfRoom(tx)
  for (const row of await allOf(tx, 'keyPackages'))
    tx.put('keyPackages', { ...row, value: { ...(row.value as KeyPackageRecord), restored: true } })
  const waiting: string[] = []
  for (const row of await allOf(tx, 'rooms')) {
    if (row.scope !== 'all') continue
    const room = row.value as RoomRecord
    if (room.state === 'closed') continue
    tx.put('rooms', { ...row, value: marked(room) })
    waiting.push(room.id)
  }
  await putFirst(
    tx,
    waiting.map((room) => ({ kind: 'replace-leaf', room })),
    now,
  )
  for (const { value } of await allOf(tx, 'conversations')) await noteReserved(tx, value as ConversationRecord)
  for (const row of await allOf(tx, 'outbox'))
    if (row.scope !== undefined) tx.put('outbox', { ...row, value: { ...(row.value as IntentRecord), restored: true } })
  await archiveAfterRestore(tx)
  await pauseListings(tx)
  // Rooms that the device entered after that moment are known there.
  await putJob(tx, 'read-archive', { kind: 'read-archive' }, now)
  return self
}

const allOf = async (tx: StoreWriter, table: Table): Promise<readonly WholeRow[]> => {
  const rows: WholeRow[] = []
  for (let after: string | undefined, more = true; more; ) {
    const page = await tx.scan(table, { limit: 1_000, ...(after === undefined ? {} : { after }) })
    rows.push(...page.rows)
    after = page.next
    more = after !== undefined
  }
  return rows
}

/** A room of the own devices that was to be opened: it gets another name, because the lost device may have opened it. */
const forgetSelfRoom = async (tx: StoreWriter): Promise<void> => {
  const room = await tx.get<string>('meta', SELF_OPENING)
  if (room !== undefined && (await tx.get('rooms', room)) === undefined) tx.delete('meta', SELF_OPENING)
}

/** Its keys may have been used: by what came after, no room is as it was. */
const marked = ({ pending, opening, ...room }: RoomRecord): RoomRecord => ({
  ...room,
  stale: true,
  ...(pending === undefined ? {} : { pending: used(pending) }),
  ...(opening === undefined ? {} : { opening: { ...opening, pending: used(opening.pending) } }),
})

const used = (pending: PendingCommitRecord): PendingCommitRecord => ({ ...pending, restored: true })

/** Before all other work: what waits in a room wants a leaf that may write. */
const putFirst = async (
  tx: StoreWriter,
  tasks: readonly Extract<JobTask, { kind: 'replace-leaf' }>[],
  now: number,
): Promise<void> => {
  const [first] = await tx.page<JobRecord>('jobs', { scope: 'all', limit: 1 })
  let position = Math.min(0, first?.position ?? 0) - tasks.length
  for (const task of tasks) {
    const key = `replace-leaf/${task.room}`
    const value: JobRecord = { ...task, key, ...waitFrom(now, 0), attempts: 0, ordinal: position }
    tx.put('jobs', { key, scope: 'all', position: position++, value })
  }
}
