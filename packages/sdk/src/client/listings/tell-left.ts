import { isNewsOf, leftFor } from '../../domain/offers/stock.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { isDchatError } from '../../errors.ts'
import { STOCK_NOTICE } from '../../protocol/offers/event.ts'
import { decodeSignedListing } from '../../protocol/offers/listing.ts'
import type { OfferThreadId } from '../../records/offer.ts'
import type { Core } from '../core.ts'
import type { JobOutcome } from '../jobs.ts'
import { actOnOffer } from '../offers/act.ts'
import { timeAt } from '../offers/hub-clock.ts'
import { findThread, isWhole } from '../offers/rows.ts'
import type { RoomRecord } from '../records.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { dropWanted, getListingRow, getWanted, type ListingRow, putWanted, type WantedRow, wantedOf } from './rows.ts'

/** Tells everybody with an open offer for which there is not enough any more what is left, and those for whom there is again. */
export const tellLeft = async (core: Core, rooms: Rooms, listing: string): Promise<JobOutcome> => {
  const due = await core.store.read(async (tx) => {
    const row = await getListingRow(tx, listing)
    if (row === undefined || row.holder !== core.self.device || row.state === 'paused') return []
    return (await wantedOf(tx, listing)).flatMap((one) => newsFor(row, one))
  })
  for (const { offer, expiresAt, available } of due) {
    core.signal.throwIfAborted()
    const room = await core.store.read((tx) => roomToTell(tx, offer))
    if (room === undefined) continue
    if (await isOver(core, room, expiresAt)) {
      await core.store.write(async (tx) => dropWanted(tx, offer))
      continue
    }
    try {
      const also = async (tx: StoreWriter) => {
        const known = await getWanted(tx, offer)
        if (known !== undefined) await putWanted(tx, listing, { ...known, told: available })
      }
      await actOnOffer(core, rooms, { type: STOCK_NOTICE, offer, data: { available } }, {}, { also })
    } catch (error) {
      if (!isDchatError(error) || error.retryable) throw error
      core.log.info('what is left was not told', { code: error.code })
    }
  }
}

const newsFor = (
  { signed, taken, state }: ListingRow,
  { offer, quantities, told, expiresAt }: WantedRow,
): readonly (Pick<WantedRow, 'offer' | 'expiresAt'> & { readonly available: number })[] => {
  const items = state === 'closed' ? [] : decodeSignedListing(signed).listing.items
  const available = leftFor(items, taken, quantities)
  return isNewsOf(quantities, told, available) ? [{ offer, expiresAt, available }] : []
}

/** Where the offer is open, as far as this device knows everything of it, if that can be written to. */
const roomToTell = async (tx: StoreReader, offer: OfferThreadId): Promise<RoomRecord | undefined> => {
  const row = await findThread(tx, offer)
  const room = row && (await tx.get<RoomRecord>('rooms', row.room))
  return row?.thread?.state === 'open' && room?.state === 'open' && isWhole(row, room) ? room : undefined
}

/** By the clock of its relay, which alone judges it. */
const isOver = async (core: Core, { hub, time }: RoomRecord, expiresAt: number): Promise<boolean> =>
  Math.max(time, (await timeAt(core, hub)) ?? 0) > expiresAt
