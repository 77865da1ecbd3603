import { quantitiesOf } from '../../domain/offers/stock.ts'
import { liveRevision, type OfferThread } from '../../domain/offers/thread.ts'
import type { StoreWriter } from '../../domain/store/store.ts'
import { putJob } from '../jobs.ts'
import { dropWanted, putWanted } from './rows.ts'

/** ms within which sales are put together: who accepted meanwhile gets an answer, and no notice. */
const COALESCE = 500

/** An open offer of an own listing, or one that is open no more. */
export const noteWanted = async (
  tx: StoreWriter,
  listing: string,
  thread: OfferThread,
  left: number | undefined,
): Promise<void> => {
  const { terms, expiresAt } = liveRevision(thread)
  if (thread.state !== 'open') return dropWanted(tx, thread.id)
  const told = left === undefined ? {} : { told: left }
  await putWanted(tx, listing, { offer: thread.id, quantities: quantitiesOf(terms), expiresAt, ...told })
}

export const planTelling = async (tx: StoreWriter, listing: string, now: number): Promise<void> => {
  const key = `left/${listing}`
  if ((await tx.get('jobs', key)) === undefined) await putJob(tx, key, { kind: 'left', listing }, now, COALESCE)
}
