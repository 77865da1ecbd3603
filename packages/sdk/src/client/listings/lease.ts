import { isOn, sellerOf } from '../../domain/offers/lease.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import type { DeviceId } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import type { Reaction } from '../personal/reaction.ts'
import { getRegister, setRegister } from '../personal/registers.ts'
import { learnVersions, putBooks, toldDeals } from './books.ts'
import { recount } from './count.ts'
import { getListingRow, isRestored, type ListingRow, putListingRow } from './rows.ts'

type Own = Pick<Core, 'self' | 'directory'>

export const devicesOf = ({ self, directory }: Own) => [...(directory.peek(self.address) ?? self.log).devices.values()]

/** The own device that may sell it, or, where its holder is revoked, take it over. */
export const sellerFor = (core: Own, { holder }: Pick<ListingRow, 'holder'>): DeviceId | undefined =>
  sellerOf(devicesOf(core), holder)

export const heldElsewhere = (id: string, device: DeviceId) =>
  new DchatError('offer/held-elsewhere', { listing: id, device })

export const notCounted = (id: string, reason: string) => new DchatError('offer/not-counted', { listing: id, reason })

export const rowOf = async (tx: StoreReader, id: string): Promise<ListingRow> => {
  const row = await getListingRow(tx, id)
  if (row === undefined) throw new DchatError('offer/unknown-listing', { listing: id })
  return row
}

/** The listing, where this device is the one that sells it. Throws `offer/unknown-listing`, `offer/held-elsewhere`. */
export const heldRow = async (tx: StoreReader, { self }: Pick<Core, 'self'>, id: string): Promise<ListingRow> => {
  const row = await rowOf(tx, id)
  if (row.holder !== self.device) throw heldElsewhere(id, row.holder)
  return row
}

/** Lets another own device have a listing: from the moment that this is durable, this one sells nothing more of it. */
export const handOver = async (tx: StoreWriter, core: Core, id: string, device: DeviceId): Promise<void> => {
  const row = await heldRow(tx, core, id)
  if (device === core.self.device) return
  if (!isOn(devicesOf(core), device))
    throw new DchatError('usage/invalid-argument', { name: 'device', reason: 'it is none of your devices' })
  if (row.state === 'paused') throw notCounted(id, 'it came back from a backup and was not counted anew')
  if (row.taken.some(({ reserved }) => reserved > 0)) throw notCounted(id, 'commitments to takers are on their way')
  const next = { ...row, holder: device, turn: row.turn + 1 }
  await putListingRow(tx, next)
  await putBooks(tx, core, next)
}

/** Asks the device that sells it to let this one have it; it does so when it is on. */
export const askFor = (tx: StoreWriter, core: Core, { id, turn }: ListingRow): Promise<void> =>
  setRegister(tx, core, 'listing-ask', id, { device: core.self.device, turn, at: Math.max(0, core.clock.now()) })

/** Another own device would like to sell it. */
export const listingAsked: Reaction = (tx, { clock }, id) =>
  putJob(tx, `pass/${id}`, { kind: 'pass', listing: id }, clock.now())

/** The device that sells a listing said how it stands, or let another one have it. */
export const listingTold: Reaction = async (tx, core, subject) => {
  const id = subject.slice(0, subject.includes('/') ? subject.indexOf('/') : undefined)
  const lease = await getRegister(tx, 'listing', id)
  if (lease === undefined) return
  const { signed, state, holder, turn } = lease
  const row = await getListingRow(tx, id)
  const isHere = holder === core.self.device
  if (isHere && row?.holder === holder && row.turn === turn) {
    // Own words that came back: this store is a copy, and older than they are.
    if (row.state !== 'paused') return
    await learnVersions(tx, id)
    return putListingRow(tx, { ...row, signed, state: state === 'closed' ? state : row.state })
  }
  // What was sold is still to come.
  if (isHere && (await toldDeals(tx, id, turn)) === undefined) return
  await learnVersions(tx, id)
  const now: ListingRow = { id, signed, state, taken: row?.taken ?? [], holder, turn }
  if (!isHere) {
    const isNews = row === undefined || holder !== row.holder || state !== row.state || !equalBytes(signed, row.signed)
    return isNews ? putListingRow(tx, row === undefined ? await recount(tx, now, 'taken') : now) : undefined
  }
  const isOld = state === 'open' && (await isRestored(tx))
  await putListingRow(tx, await recount(tx, isOld ? { ...now, state: 'paused' } : now, 'handed'))
  await putJob(tx, `sell/${id}`, { kind: 'sell', listing: id }, core.clock.now())
}
