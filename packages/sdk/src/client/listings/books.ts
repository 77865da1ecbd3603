import type { ListingDeals, SoldDeal } from '../../domain/offers/lease.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { decodeSignedListing } from '../../protocol/offers/listing.ts'
import { concat, fromHex, toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import { getRegister, setRegister } from '../personal/registers.ts'
import type { JobRecord } from '../records.ts'
import {
  type ClaimRow,
  claimsOf,
  getListingRow,
  type ListingRow,
  listingRows,
  putVersion,
  versionHash,
} from './rows.ts'

/** Deals in one register, and versions whose hashes are told. */
const PART = 100
const VERSIONS = 256
const HASH = 32
const JOBS = 10_000
/** ms within which sales are put together. */
const COALESCE = 2_000
/** meta: how often books were written here. */
const WRITTEN = 'listing-books'

type Keeper = Pick<Core, 'clock' | 'self'>

const partOf = (id: string, part: number): string => `${id}/${part}`
const raw = (hex: string): Uint8Array => fromHex(hex) as Uint8Array

const dealOf = ({ offer, deal, step, quantities }: ClaimRow): SoldDeal => ({
  offer: raw(offer),
  deal: raw(deal),
  step: raw(step),
  items: quantities.map(({ item, quantity }) => [item, quantity]),
})

/** A claim of the books that were told. */
const claimOf = (listing: string, { offer, deal, step, items }: SoldDeal): ClaimRow => ({
  listing,
  offer: toHex(offer),
  deal: toHex(deal),
  step: toHex(step),
  quantities: items.map(([item, quantity]) => ({ item, quantity })),
  state: 'sold',
})

/** Tells the other own devices how a listing stands: its version, who sells it, and what was sold. Only the holder does. */
export const putBooks = async (tx: StoreWriter, core: Keeper, row: ListingRow): Promise<void> => {
  const { id, turn, holder, signed, state } = row
  const claims = await claimsOf(tx, id)
  const parts = Math.ceil(claims.length / PART)
  for (let part = 0; part < parts; part += 1) {
    const deals = claims.slice(part * PART, (part + 1) * PART).map(dealOf)
    await setRegister(tx, core, 'listing-deals', partOf(id, part), { turn, deals })
  }
  const before = await getRegister(tx, 'listing', id)
  for (let part = parts; part < (before?.parts ?? 0); part += 1)
    await setRegister(tx, core, 'listing-deals', partOf(id, part), undefined)
  tx.put('meta', { key: WRITTEN, value: (await booksWritten(tx)) + 1 })
  const { version } = decodeSignedListing(signed).listing
  const hashes: Uint8Array[] = []
  for (let at = version; at > Math.max(0, version - VERSIONS); at -= 1) {
    const hash = await versionHash(tx, id, at)
    if (hash === undefined) break
    hashes.unshift(raw(hash))
  }
  await setRegister(tx, core, 'listing', id, {
    signed,
    versions: concat(...hashes),
    state: state === 'closed' ? 'closed' : 'open',
    holder,
    turn,
    parts,
  })
}

/** What was told to be sold; undefined where some of it has not come. `turn`: told by who handed it over. */
export const toldDeals = async (
  tx: StoreReader,
  id: string,
  turn?: number,
): Promise<readonly ClaimRow[] | undefined> => {
  const lease = await getRegister(tx, 'listing', id)
  if (lease === undefined) return undefined
  const claims: ClaimRow[] = []
  for (let part = 0; part < lease.parts; part += 1) {
    const told: ListingDeals | undefined = await getRegister(tx, 'listing-deals', partOf(id, part))
    if (turn !== undefined && told?.turn !== turn) return undefined
    claims.push(...(told?.deals ?? []).map((deal) => claimOf(id, deal)))
  }
  return claims
}

/** The versions that the listing had, as its holder told them. */
export const learnVersions = async (tx: StoreWriter, id: string): Promise<void> => {
  const lease = await getRegister(tx, 'listing', id)
  if (lease === undefined) return
  const { version } = decodeSignedListing(lease.signed).listing
  const count = lease.versions.length / HASH
  for (let i = 0; i < count; i += 1)
    putVersion(tx, { id, version: version - count + 1 + i }, toHex(lease.versions.subarray(i * HASH, (i + 1) * HASH)))
}

/** Sales are told in a while; what is sold until then goes with them. */
export const planBooks = async (tx: StoreWriter, listing: string, now: number): Promise<void> => {
  const key = `books/${listing}`
  if ((await tx.get('jobs', key)) === undefined) await putJob(tx, key, { kind: 'books', listing }, now, COALESCE)
}

export const keepBooks = (core: Core, id: string): Promise<void> =>
  core.store.write(async (tx) => {
    const row = await getListingRow(tx, id)
    if (row !== undefined && isSoldHere(core, row)) await putBooks(tx, core, row)
  })

export const booksWritten = async (tx: StoreReader): Promise<number> => (await tx.get<number>('meta', WRITTEN)) ?? 0

/** Before a client closes: sales that wait for their moment are told now. */
export const flushBooks = async (core: Core): Promise<void> => {
  const jobs = await core.store.read((tx) => tx.page<JobRecord>('jobs', { scope: 'all', limit: JOBS }))
  for (const { key, value } of jobs) {
    if (value.kind !== 'books') continue
    await keepBooks(core, value.listing)
    await core.store.write(async (tx) => tx.delete('jobs', key))
  }
}

/** Before a device that comes in is told everything. */
export const keepAllBooks = async (tx: StoreWriter, core: Keeper): Promise<void> => {
  for (const row of await listingRows(tx)) if (isSoldHere(core, row)) await putBooks(tx, core, row)
}

const isSoldHere = ({ self }: Pick<Core, 'self'>, { holder, state }: ListingRow): boolean =>
  holder === self.device && state !== 'paused'
