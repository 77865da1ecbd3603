import { step } from '../../domain/offers/reduce.ts'
import type { OfferThread } from '../../domain/offers/thread.ts'
import type { StoreReader } from '../../domain/store/store.ts'
import { readContent } from '../../protocol/content/read.ts'
import { decodeSignedOffer } from '../../protocol/offers/event.ts'
import type { OfferEvent, OfferThreadId } from '../../records/offer.ts'
import type { IntentRecord } from '../records.ts'
import { findThread, type ThreadRow } from './rows.ts'

/** Own steps of one room that are on their way, at most. */
const QUEUE = 1_000

/** An offer as the store has it, and as it will be if the own steps on their way find what they expect. */
export interface OfferState {
  readonly row: ThreadRow
  readonly queued: readonly OfferEvent[]
  /** Absent where not even a proposal is on its way. */
  readonly expected?: OfferThread
}

/** Own steps of offers that wait in a room, in their order. */
export const queuedSteps = async (tx: StoreReader, room: string): Promise<readonly OfferEvent[]> => {
  // Steps of offers stand ahead of everything else.
  const rows = await tx.page<IntentRecord>('outbox', { scope: room, before: 0, limit: QUEUE })
  return rows.flatMap(({ value: { content } }) => {
    const read = readContent(content)
    return read.kind === 'offer' ? [decodeSignedOffer(read.signed).event] : []
  })
}

/** `now`: when the steps on their way are taken to be accepted. */
export const stateOf = (row: ThreadRow, waiting: readonly OfferEvent[], now: number): OfferState => {
  const queued = waiting.filter(({ thread }) => thread === row.id)
  const expected = queued.reduce<OfferThread | undefined>(
    (thread, event, i) => step(thread, { event, place: row.place + 1 + i, acceptedAt: now }).thread,
    row.thread,
  )
  return { row, queued, ...(expected && { expected }) }
}

export const readState = async (tx: StoreReader, id: OfferThreadId, now: number): Promise<OfferState | undefined> => {
  const row = await findThread(tx, id)
  return row === undefined ? undefined : stateOf(row, await queuedSteps(tx, row.room), now)
}
