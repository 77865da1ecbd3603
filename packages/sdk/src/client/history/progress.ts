import type { StoreWriter } from '../../domain/store/store.ts'
import type { HistoryProgress } from '../../records/history.ts'
import { putJob } from '../jobs.ts'
import {
  EMPTY,
  getHistory,
  HISTORY,
  type HistoryRecord,
  isOnTheWay,
  mayReadArchive,
  putCatchUp,
  putHistory,
} from './note.ts'

/**
 * The past is taken from the beginning, from the archive and from other own devices; what is there already is passed over.
 * `alone`: there is no other device.
 */
export const beginReading = async (tx: StoreWriter, now: number, alone: boolean): Promise<void> => {
  for (const { key } of await tx.page('archive', { scope: 'reading', limit: 100_000 })) tx.delete('archive', key)
  const { messages, places } = (await getHistory(tx)) ?? EMPTY
  const value: HistoryRecord = {
    archive: 'unread',
    device: alone ? 'none' : 'waiting',
    messages,
    ...(places === undefined ? {} : { places }),
  }
  tx.put('archive', { key: HISTORY, value })
  if (!alone) await putJob(tx, 'ask-history', { kind: 'ask-history' }, now)
}

/** What was asked for is there: what came meanwhile is asked for next. */
export const pastTaken = async (tx: StoreWriter, now: number): Promise<void> => {
  const record = await getHistory(tx)
  if (record === undefined || isOnTheWay(record)) return
  if (record.more) return putCatchUp(tx, now)
  const { places: _, ...rest } = record
  tx.put('archive', { key: HISTORY, value: rest })
}

/** Asks once more, for what has come and changed since the last time. */
export const catchUp = async (tx: StoreWriter, now: number): Promise<void> => {
  const record = await getHistory(tx)
  if (record === undefined || !mayReadArchive(record)) return
  if (isOnTheWay(record)) return putHistory(tx, { archive: 'unread' })
  const { cursor: _, ask: __, until: ___, more: ____, ...rest } = record
  const isGiven = record.device === 'done' && record.giver !== undefined && record.top !== undefined
  const device = isGiven ? { device: 'waiting' as const, until: record.top, given: 0 } : {}
  tx.put('archive', { key: HISTORY, value: { ...rest, ...device, archive: 'unread' } })
  if (isGiven) await putJob(tx, 'ask-history', { kind: 'ask-history' }, now)
}

/** The record as people see it. */
export const progressOf = (record: HistoryRecord | undefined): HistoryProgress => {
  if (record === undefined) return { state: 'idle', messages: 0 }
  const { archive, device, messages, total, since } = record
  const counts = {
    messages,
    ...(total === undefined ? {} : { total: Math.max(total, messages) }),
    ...(since === undefined ? {} : { since }),
  }
  if (archive === 'listed') return { state: 'receiving', from: 'archive', ...counts }
  if (device === 'receiving') return { state: 'receiving', from: 'device', ...counts }
  if (archive === 'unread' || (device === 'waiting' && messages === 0)) return { state: 'waiting', ...counts }
  return { state: messages === 0 ? 'nothing-there' : 'done', ...counts }
}
