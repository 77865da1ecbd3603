import { isOn } from '../../domain/offers/lease.ts'
import type { StoreWriter } from '../../domain/store/store.ts'
import { isDchatError } from '../../errors.ts'
import type { DeviceId } from '../../records/ids.ts'
import { within } from '../../util/wait.ts'
import type { TakeOver } from '../api/listings.ts'
import type { Core } from '../core.ts'
import { type JobOutcome, putJob } from '../jobs.ts'
import { getRegister, hurrySharing } from '../personal/registers.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { putBooks } from './books.ts'
import { lookAround } from './caught-up.ts'
import { countTorn, recount } from './count.ts'
import { askFor, devicesOf, handOver, heldElsewhere, notCounted, rowOf, sellerFor } from './lease.ts'
import { dropRestored, getListingRow, type ListingRow, putListingRow } from './rows.ts'
import { planTelling } from './wanted.ts'

/** ms after which a device that was asked for a listing looks again whether it can let it go. */
const SOON = 2_000
/** The same where it has to count first: that asks every relay. */
const LATER = 30_000

/** Makes this device the one that sells a listing; see `Listings.takeOver`. */
export const takeOver = async (core: Core, rooms: Rooms, id: string, options: TakeOver): Promise<void> => {
  const known = await core.store.read((tx) => rowOf(tx, id))
  const { device } = core.self
  const seller = sellerFor(core, known)
  if (seller !== device) await ask(core, known, seller ?? known.holder, options)
  const row = seller === device ? known : await core.store.read((tx) => rowOf(tx, id))
  if (row.holder !== device || row.state === 'paused') await take(core, rooms, row, device, options)
}

/** Resolves when it is this device's. */
const ask = async (
  core: Core,
  { id }: ListingRow,
  seller: DeviceId,
  { wait = 0, signal = core.signal }: TakeOver,
): Promise<void> => {
  const { store, clock, self } = core
  await store.write(async (tx) => askFor(tx, core, await rowOf(tx, id)))
  await hurrySharing(core)
  const isHere = async () => (await store.read((tx) => rowOf(tx, id))).holder === self.device
  if (wait > 0)
    await within(
      clock,
      wait,
      async (over) => {
        const changes = store.changes(['offers'], { signal: over })[Symbol.asyncIterator]()
        for (let next = changes.next(); !(await isHere()); next = changes.next()) if ((await next).done) return
      },
      { signal },
    )
  if (!(await isHere())) throw heldElsewhere(id, seller)
}

/** Counts what was sold and goes on from there, here or (`to`) on the device that asked. */
const take = async (
  core: Core,
  rooms: Rooms,
  { id, turn }: ListingRow,
  to: DeviceId,
  { uncounted = false, signal = core.signal }: TakeOver,
): Promise<void> => {
  await lookAround(core, rooms, id, { uncounted, signal })
  await core.store.write(async (tx) => {
    const row = await rowOf(tx, id)
    if (row.turn !== turn) throw notCounted(id, 'it changed hands meanwhile')
    const torn = uncounted ? 0 : await countTorn(tx, id)
    if (torn > 0) throw notCounted(id, `this device missed steps of ${torn} of its offers`)
    await putTaken(tx, core, row, to)
  })
  await hurrySharing(core)
}

/** The listing as this device counts it, in the hands of `to` from now on. */
export const putTaken = async (tx: StoreWriter, core: Core, row: ListingRow, to: DeviceId): Promise<void> => {
  const state = row.state === 'closed' ? 'closed' : 'open'
  const next = { ...(await recount(tx, row, 'taken')), state, holder: to, turn: row.turn + 1 } as const
  dropRestored(tx)
  await putListingRow(tx, next)
  await putBooks(tx, core, next)
  await planTelling(tx, row.id, core.clock.now())
  await putJob(tx, `sell/${row.id}`, { kind: 'sell', listing: row.id }, core.clock.now())
}

/** Another own device asked for a listing: it gets it as soon as nothing of it is on its way. */
export const passListing = async (core: Core, rooms: Rooms, id: string): Promise<JobOutcome> => {
  const { row, wish } = await core.store.read(async (tx) => ({
    row: await getListingRow(tx, id),
    wish: await getRegister(tx, 'listing-ask', id),
  }))
  if (row === undefined || wish === undefined || wish.turn !== row.turn || wish.device === core.self.device) return
  if (sellerFor(core, row) !== core.self.device || !isOn(devicesOf(core), wish.device)) return
  // What came back from a backup waits for its person.
  if (row.state === 'paused') return
  try {
    if (row.holder === core.self.device) await core.store.write((tx) => handOver(tx, core, id, wish.device))
    else await take(core, rooms, row, wish.device, {})
    await hurrySharing(core)
  } catch (error) {
    if (isDchatError(error, 'offer/not-counted')) return { again: row.holder === core.self.device ? SOON : LATER }
    throw error
  }
}
