import { placeParts } from '../../domain/messages/place.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { MessageRecord } from '../records.ts'
import { deleteMessage, putMessage } from './rows.ts'

/** More than a topic has entries, and several of them fit between two topics. */
const ASIDE = 2 ** 28
/** Where the second topic of a direct message begins (place.ts). */
const SECOND = 2 ** 32

/** Only a conversation that has moved had another side, with something else at the same place. */
const mayBeTaken = (place: number): boolean => {
  const { term, seq } = placeParts(place)
  return term > 1 || seq >= SECOND
}

const at = async (tx: StoreReader, scope: string, place: number): Promise<MessageRecord | undefined> =>
  (await tx.page<MessageRecord>('messages', { scope, after: place - 1, before: place + 1, limit: 1 }))[0]?.value

const aside = async (tx: StoreReader, record: MessageRecord): Promise<MessageRecord> => {
  let place = record.place + ASIDE
  while ((await at(tx, record.conversation, place)) !== undefined) place += ASIDE
  return { ...record, place }
}

const inTheWay = async (tx: StoreReader, record: MessageRecord): Promise<MessageRecord | undefined> => {
  const found = mayBeTaken(record.place) ? await at(tx, record.conversation, record.place) : undefined
  return found?.id === record.id ? undefined : found
}

/**
 * Writes a message where it stands now. What a side of the conversation that does not stand had there comes behind its topic, on
 * every device that holds it, until its author says it again (hubs.md). Resolves to that.
 */
export const placeMessage = async (tx: StoreWriter, record: MessageRecord): Promise<MessageRecord | undefined> => {
  const other = await inTheWay(tx, record)
  const moved = other && (await aside(tx, other))
  if (other !== undefined && moved !== undefined) {
    deleteMessage(tx, other)
    putMessage(tx, moved)
  }
  putMessage(tx, record)
  return moved
}

/** The same for what somebody tells of the past: it gives way itself. */
export const putBeside = async (tx: StoreWriter, record: MessageRecord): Promise<void> => {
  const isTaken = (await inTheWay(tx, record)) !== undefined
  putMessage(tx, isTaken ? await aside(tx, record) : record)
}
