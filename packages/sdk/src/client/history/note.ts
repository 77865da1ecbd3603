import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { DeviceId } from '../../records/ids.ts'
import { putJob } from '../jobs.ts'

/** archive/history: how far this device has got with what it was not there for. */
export interface HistoryRecord {
  /** `listed`: the chains to read are known. */
  readonly archive: 'unread' | 'listed' | 'done'
  /** What is asked of another own device: `waiting` for one that answers, or taking from it. */
  readonly device: 'none' | 'waiting' | 'receiving' | 'done'
  /** The one that gives, and where it goes on. */
  readonly giver?: DeviceId
  readonly cursor?: number
  /** What was asked last, until it is answered; messages that were given since the beginning. */
  readonly ask?: Uint8Array
  readonly given?: number
  /** The giver's newest message when it began; once it has given all, what it has above that is all that may be new. */
  readonly top?: number
  readonly until?: number
  /** Something came meanwhile that is still to be asked for, once this device has what it asks for now. */
  readonly more?: true
  /** Places in rooms (hex) that who gives has to have read: this device entered there, or met what it did not know. */
  readonly places?: Readonly<Record<string, number>>
  readonly messages: number
  readonly total?: number
  readonly since?: number
}

export const HISTORY = 'history'
/** ms after which other own devices have put what was said before into the archive. */
const CATCH_UP = 20_000
export const EMPTY: HistoryRecord = { archive: 'done', device: 'none', messages: 0 }

export const getHistory = (tx: StoreReader): Promise<HistoryRecord | undefined> =>
  tx.get<HistoryRecord>('archive', HISTORY)

/** Changes the record, in the caller's transaction. */
export const putHistory = async (tx: StoreWriter, changes: Partial<HistoryRecord>): Promise<void> => {
  const value = { ...((await getHistory(tx)) ?? EMPTY), ...changes }
  tx.put('archive', { key: HISTORY, value })
}

export const isOnTheWay = ({ archive, device }: HistoryRecord): boolean =>
  archive !== 'done' || device === 'waiting' || device === 'receiving'

/** What is asked of other devices may stand unanswered for long. */
export const mayReadArchive = ({ archive, device }: HistoryRecord): boolean =>
  archive === 'done' && device !== 'receiving'

/**
 * This device came into a room, and takes the past: what was said and done there up to this place is new in the archive, and
 * at the device that gives.
 */
export const noteEntered = async (tx: StoreWriter, room: string, place: number, now: number): Promise<void> => {
  const record = await getHistory(tx)
  if (record === undefined) return
  await putHistory(tx, { more: true, places: { ...record.places, [room]: place } })
  if (mayReadArchive(record)) await putCatchUp(tx, now)
}

/** Something was done to a message that is still to come; as it comes, it is to be as that left it. */
export const noteAstray = async (tx: StoreWriter, room: string, place: number): Promise<void> => {
  const record = await getHistory(tx)
  if (record === undefined || !(record.more || isOnTheWay(record))) return
  await putHistory(tx, { more: true, places: { ...record.places, [room]: place } })
}

export const putCatchUp = (tx: StoreWriter, now: number): Promise<void> =>
  putJob(tx, 'catch-up', { kind: 'catch-up' }, now, CATCH_UP)
