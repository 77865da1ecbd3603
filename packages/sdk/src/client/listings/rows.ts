import type { Claim, Quantity, Taken } from '../../domain/offers/stock.ts'
import { stockOf } from '../../domain/offers/stock.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { decodeSignedListing, listingHash } from '../../protocol/offers/listing.ts'
import type { DeviceId } from '../../records/ids.ts'
import type { Listing, ListingBody } from '../../records/listing.ts'
import type { OfferEventId, OfferThreadId } from '../../records/offer.ts'
import { nextCount } from '../conversation-store.ts'

/** offers/listing/<id>, scope 'listings', position: order of change. Own listings, on every own device. */
export interface ListingRow {
  readonly id: string
  /** CBOR [body, signature] of the newest version. */
  readonly signed: Uint8Array
  /** 'paused': where this device holds it, and does not know yet what was sold. */
  readonly state: Listing['state']
  /** As its holder counts it; on the other devices what they know of it. */
  readonly taken: readonly Taken[]
  /** The device that sells it. */
  readonly holder: DeviceId
  /** One more each time that it changes hands. */
  readonly turn: number
}

/** offers/claim/<thread>/<deal>, scope claims/<listing>, position: order of making. What a deal takes from a listing. */
export interface ClaimRow extends Claim {
  readonly listing: string
  readonly offer: OfferThreadId
}

/** offers/due/<thread>/<deal>, scope due/<listing>, position: order of arrival. Who accepted and waits for this device. */
export interface DueRow {
  readonly offer: OfferThreadId
  readonly deal: OfferEventId
}

/** offers/wanted/<thread>, scope wanted/<listing>, position: order of change. An open offer of a listing. */
export interface WantedRow {
  readonly offer: OfferThreadId
  readonly quantities: readonly Quantity[]
  /** ms since 1970, by its relay. */
  readonly expiresAt: number
  /** What its other side was told to be left. */
  readonly told?: number
}

const SCOPE = 'listings'
const LIMIT = 10_000
const CLAIMS = 100_000
/** offers: the store is a copy that was written back, and no listing was counted anew since. */
const RESTORED = 'listings-restored'

const listingKey = (id: string): string => `listing/${id}`
const claimKey = (thread: OfferThreadId, deal: OfferEventId): string => `claim/${thread}/${deal}`
const dueKey = ({ offer, deal }: DueRow): string => `due/${offer}/${deal}`
const wantedKey = (offer: OfferThreadId): string => `wanted/${offer}`
const versionKey = (id: string, version: number): string => `version/${id}/${version}`

export const getListingRow = (tx: StoreReader, id: string): Promise<ListingRow | undefined> =>
  tx.get<ListingRow>('offers', listingKey(id))

export const putListingRow = async (tx: StoreWriter, row: ListingRow): Promise<void> => {
  const position = await nextCount(tx, 'offers')
  tx.put('offers', { key: listingKey(row.id), scope: SCOPE, position, value: row })
}

/** Newest change first. */
export const listingRows = async (tx: StoreReader): Promise<readonly ListingRow[]> => {
  const rows = await tx.page<ListingRow>('offers', { scope: SCOPE, order: 'descending', limit: LIMIT })
  return rows.map(({ value }) => value)
}

/** What was sold after a backup was made does not stand in it. */
export const pauseListings = async (tx: StoreWriter): Promise<void> => {
  tx.put('offers', { key: RESTORED, value: true })
  for (const row of await listingRows(tx))
    if (row.state === 'open') await putListingRow(tx, { ...row, state: 'paused' })
}

/** What this store reads of its own past is not to be taken for news: a listing that came to it then may have been sold. */
export const isRestored = async (tx: StoreReader): Promise<boolean> => (await tx.get('offers', RESTORED)) === true

export const dropRestored = (tx: StoreWriter): void => tx.delete('offers', RESTORED)

/** The hash of a version that an own device signed. */
export const versionHash = (tx: StoreReader, id: string, version: number): Promise<string | undefined> =>
  tx.get<string>('offers', versionKey(id, version))

export const putVersion = (tx: StoreWriter, { id, version }: Pick<ListingBody, 'id' | 'version'>, hash: string): void =>
  tx.put('offers', { key: versionKey(id, version), value: hash })

export const getClaim = (tx: StoreReader, thread: OfferThreadId, deal: OfferEventId): Promise<ClaimRow | undefined> =>
  tx.get<ClaimRow>('offers', claimKey(thread, deal))

export const putClaim = async (tx: StoreWriter, claim: ClaimRow): Promise<void> => {
  const key = claimKey(claim.offer, claim.deal)
  const scope = `claims/${claim.listing}`
  const known = await tx.get<{ readonly position: number }>('offers', key)
  const position = known?.position ?? (await nextCount(tx, 'offers'))
  tx.put('offers', { key, scope, position, value: { ...claim, position } })
}

export const dropClaim = (tx: StoreWriter, { offer, deal }: Pick<ClaimRow, 'offer' | 'deal'>): void =>
  tx.delete('offers', claimKey(offer, deal))

/** All claims to a listing, oldest first. */
export const claimsOf = async (tx: StoreReader, listing: string): Promise<readonly ClaimRow[]> =>
  (await tx.page<ClaimRow>('offers', { scope: `claims/${listing}`, limit: CLAIMS })).map(({ value }) => value)

export const putDue = async (tx: StoreWriter, listing: string, due: DueRow): Promise<void> => {
  if ((await tx.get('offers', dueKey(due))) !== undefined) return
  const position = await nextCount(tx, 'offers')
  tx.put('offers', { key: dueKey(due), scope: `due/${listing}`, position, value: due })
}

/** Who waits longest. */
export const firstDue = async (tx: StoreReader, listing: string): Promise<DueRow | undefined> =>
  (await tx.page<DueRow>('offers', { scope: `due/${listing}`, limit: 1 }))[0]?.value

export const dropDue = (tx: StoreWriter, due: DueRow): void => tx.delete('offers', dueKey(due))

export const putWanted = async (tx: StoreWriter, listing: string, row: WantedRow): Promise<void> => {
  const position = await nextCount(tx, 'offers')
  tx.put('offers', { key: wantedKey(row.offer), scope: `wanted/${listing}`, position, value: row })
}

export const dropWanted = (tx: StoreWriter, offer: OfferThreadId): void => tx.delete('offers', wantedKey(offer))

export const getWanted = (tx: StoreReader, offer: OfferThreadId): Promise<WantedRow | undefined> =>
  tx.get<WantedRow>('offers', wantedKey(offer))

export const wantedOf = async (tx: StoreReader, listing: string): Promise<readonly WantedRow[]> =>
  (await tx.page<WantedRow>('offers', { scope: `wanted/${listing}`, limit: CLAIMS })).map(({ value }) => value)

/** As its seller sees it. */
export const toListing = ({ signed, state, taken, holder }: ListingRow, own: DeviceId): Listing => {
  const { listing, body } = decodeSignedListing(signed)
  const left = listing.items.map(({ id }) => stockOf(listing.items, taken, id))
  return { ...listing, hash: listingHash(body), state, holder, isHere: holder === own, left, signed }
}
