import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { Core } from '../core.ts'
import type { ConversationRecord, JobRecord } from '../records.ts'

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
 * whether it is there. Undefined: it is not.
 */
export const opensLater = (
  { store }: Pick<Core, 'store'>,
  room: string,
): Promise<undefined | { readonly again: number }> =>
  store.write(async (tx) => {
    if (!(await isReserved(tx, room))) return undefined
    if ((await tx.get<JobRecord>('jobs', 'read-archive')) !== undefined) return { again: LATER }
    tx.delete('meta', reserved(room))
    return undefined
  })
