import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import { archivedAt } from '../archive.ts'
import type { Core } from '../core.ts'
import { atEach } from '../history/slots.ts'
import type { ConversationRecord, JobRecord } from '../records.ts'
import { failWaiting } from '../rooms/fail.ts'

/** meta/reserved/<room>: the backup knows its name, and not whether the lost device opened it. */
const reserved = (room: string): string => `reserved/${room}`

/** ms between two looks whether the archive was read. */
const LATER = 5_000

/** A conversation whose room is still to be opened: the lost device may have done that since. */
export const noteReserved = async (tx: StoreWriter, conversation: ConversationRecord): Promise<void> => {
  const { active, restoring, invitation, answered } = conversation
  if (active === undefined || restoring || invitation !== undefined || answered !== undefined) return
  if ((await tx.get('rooms', active)) === undefined) tx.put('meta', { key: reserved(active), value: true })
}

export const isReserved = async (tx: StoreReader, room: string): Promise<boolean> =>
  (await tx.get('meta', reserved(room))) === true

/**
 * Two rooms of one name would be two groups that know nothing of each other: before one is opened again, the archive tells
 * whether it is there. Undefined: it is not. Where the archive says something that does not open here, nobody can tell: what
 * waits for the room fails. Throws `backup/older-than-archive` then, and the link's errors.
 */
export const opensLater = async (core: Core, room: string): Promise<undefined | { readonly again: number }> => {
  const { isWaited, isRead } = await core.store.read(async (tx) => ({
    isWaited: await isReserved(tx, room),
    isRead: (await tx.get<JobRecord>('jobs', 'read-archive')) === undefined,
  }))
  if (!isWaited) return undefined
  if (!isRead) return { again: LATER }
  await atEach(core, async (relay) => {
    if ((await archivedAt(core, relay, room)) !== 'closed') return
    await failWaiting(core, room, 'backup/older-than-archive')
    throw new DchatError('backup/older-than-archive', {})
  })
  await core.store.write(async (tx) => tx.delete('meta', reserved(room)))
  return undefined
}
