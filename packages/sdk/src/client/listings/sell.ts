import { isDchatError } from '../../errors.ts'
import type { OfferAct } from '../api/offers.ts'
import type { Core } from '../core.ts'
import type { JobOutcome } from '../jobs.ts'
import { actOnOffer } from '../offers/act.ts'
import { isWhole } from '../offers/rows.ts'
import { readState } from '../offers/state.ts'
import type { RoomRecord } from '../records.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { type DueRow, dropDue, firstDue, getListingRow } from './rows.ts'

/** Answers everybody who accepted offers of a listing, in the order in which this device learned of them. */
export const sell = async (
  core: Core,
  rooms: Rooms,
  { listing }: { readonly listing: string },
): Promise<JobOutcome> => {
  for (;;) {
    core.signal.throwIfAborted()
    const { row, due } = await core.store.read(async (tx) => ({
      row: await getListingRow(tx, listing),
      due: await firstDue(tx, listing),
    }))
    // Who takes it over goes on with who waits.
    if (row === undefined || due === undefined || row.state === 'paused' || row.holder !== core.self.device) return
    if (!(await answer(core, rooms, due, row.state === 'closed'))) continue
    await core.store.write(async (tx) => dropDue(tx, due))
  }
}

/** False where another device sells it meanwhile. */
const answer = async (core: Core, rooms: Rooms, due: DueRow, isClosed: boolean): Promise<boolean> => {
  if (!(await isAwaited(core, due))) return true
  const act = (type: 'commit' | 'reject_commit', reason?: 'out_of_stock' | 'withdrawn_first', available?: number) => {
    const { offer, deal } = due
    const data = available === undefined ? {} : { data: { available } }
    const step: OfferAct = type === 'commit' ? { type, offer } : { type, offer, ...data }
    return actOnOffer(core, rooms, step, { deal, ...(reason && { reason }), clientId: `${type}/${deal}` })
  }
  try {
    if (isClosed) await act('reject_commit', 'withdrawn_first')
    else await act('commit')
  } catch (error) {
    if (!isDchatError(error) || error.retryable) throw error
    if (isDchatError(error, 'offer/held-elsewhere')) return false
    if (isDchatError(error, 'offer/out-of-stock'))
      await refused(core, () => act('reject_commit', 'out_of_stock', error.details.available))
    // What cannot be answered (its time is over, say) changes nothing for the others who wait.
    else core.log.info('a taker was not answered', { code: error.code })
  }
  return true
}

const refused = async (core: Core, act: () => Promise<unknown>): Promise<void> => {
  try {
    await act()
  } catch (error) {
    if (!isDchatError(error) || error.retryable) throw error
    core.log.info('a taker was not answered', { code: error.code })
  }
}

/** This device knows the whole offer, and the deal still waits. */
const isAwaited = (core: Core, { offer, deal: id }: DueRow): Promise<boolean> =>
  core.store.read(async (tx) => {
    const state = await readState(tx, offer, core.clock.now())
    if (state?.expected === undefined) return false
    if (!isWhole(state.row, await tx.get<RoomRecord>('rooms', state.row.room))) return false
    return state.expected.deals.some((deal) => deal.id === id && deal.state === 'pending')
  })
