import { stockOf } from '../../domain/offers/stock.ts'
import type { StoreWriter } from '../../domain/store/store.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import { encodeSignedListing, listingHash, type SignedListing, signListing } from '../../protocol/offers/listing.ts'
import { type CborValue, encodeCbor, hashOf } from '../../protocol/wire/cbor.ts'
import type { DeviceId } from '../../records/ids.ts'
import type { Listing, ListingBody, ListingDraft, ShownListing } from '../../records/listing.ts'
import type { OfferThreadId, TermsDraft } from '../../records/offer.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import { askAhead } from '../../util/streams.ts'
import type { ListingOffer, Listings, TakeOver } from '../api/listings.ts'
import { checkClientId, madeWith, rememberMade } from '../client-ids.ts'
import type { Core } from '../core.ts'
import { putJob } from '../jobs.ts'
import { hurrySharing } from '../personal/registers.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { putBooks } from './books.ts'
import { sellable } from './guard.ts'
import { handOver, heldRow, rowOf } from './lease.ts'
import { getListingRow, type ListingRow, listingRows, putListingRow, putVersion, toListing } from './rows.ts'
import { listingBehind } from './shown.ts'
import { takeOver } from './take-over.ts'
import { planTelling } from './wanted.ts'

/** `client.listings` on the device that has the store. */
export class ListingsWork implements Listings {
  readonly #core: Core
  readonly #rooms: Rooms

  constructor(core: Core, rooms: Rooms) {
    this.#core = core
    this.#rooms = rooms
  }

  async create(draft: ListingDraft, { clientId }: { readonly clientId?: string } = {}): Promise<Listing> {
    checkClientId(clientId)
    const { store, crypto, self } = this.#core
    const fingerprint = hashOf('client-id', ['listing', JSON.stringify(draft)] satisfies CborValue)
    const signed = await this.#sign(completeListing(draft, { id: toHex(crypto.random(16)), version: 1 }))
    const id = await store.write(async (tx) => {
      const known = await madeWith(tx, clientId, fingerprint)
      if (known !== undefined) return known
      await this.#putSigned(tx, signed, { state: 'open', taken: [], holder: self.device, turn: 1 })
      rememberMade(tx, clientId, signed.listing.id, fingerprint)
      return signed.listing.id
    })
    return this.#known(id)
  }

  async edit(id: string, changes: Partial<ListingDraft>): Promise<Listing> {
    for (;;) {
      const now = await this.#known(id)
      const next = completeListing({ ...now, ...changes }, { id, version: now.version + 1 })
      if (isSame(next, now)) return now
      const signed = await this.#sign(next)
      const written = await this.#core.store.write(async (tx) => {
        const row = await heldRow(tx, this.#core, id)
        if (!equalBytes(row.signed, now.signed)) return false
        checkStock(signed.listing, row)
        await this.#putSigned(tx, signed, row)
        return true
      })
      if (written) return this.#known(id)
    }
  }

  /** Who waits is answered by the state that the listing has from now on. */
  async close(id: string): Promise<Listing> {
    const { store, clock } = this.#core
    await store.write(async (tx) => {
      const row = await heldRow(tx, this.#core, id)
      if (row.state === 'closed') return
      await this.#put(tx, { ...row, state: 'closed' })
      await putJob(tx, `sell/${id}`, { kind: 'sell', listing: id }, clock.now())
    })
    return this.#known(id)
  }

  async handOver(id: string, device: DeviceId): Promise<Listing> {
    await this.#core.store.write((tx) => handOver(tx, this.#core, id, device))
    await hurrySharing(this.#core)
    return this.#known(id)
  }

  async takeOver(id: string, options: TakeOver = {}): Promise<Listing> {
    await takeOver(this.#core, this.#rooms, id, options)
    return this.#known(id)
  }

  async get(id: string): Promise<Listing | undefined> {
    const row = await this.#core.store.read((tx) => getListingRow(tx, id))
    return row && toListing(row, this.#core.self.device)
  }

  of(offer: OfferThreadId): Promise<ShownListing | undefined> {
    return this.#core.store.read((tx) => listingBehind(tx, offer))
  }

  async list(): Promise<readonly Listing[]> {
    return (await this.#core.store.read(listingRows)).map((row) => toListing(row, this.#core.self.device))
  }

  async *stream({ signal = this.#core.signal }: Parameters<Listings['stream']>[0] = {}): AsyncGenerator<Listing> {
    const seen = new Map<string, string>()
    const changes = this.#core.store.changes(['offers'], { signal })[Symbol.asyncIterator]()
    let changed = askAhead(changes)
    try {
      for (;;) {
        for (const row of await this.#core.store.read(listingRows)) {
          const shape = toHex(encodeCbor([row.signed, row.state, row.holder, JSON.stringify(row.taken)]))
          if (seen.get(row.id) === shape) continue
          seen.set(row.id, shape)
          yield toListing(row, this.#core.self.device)
        }
        if ((await changed).done) return
        changed = askAhead(changes)
      }
    } finally {
      await changes.return?.()
    }
  }

  async terms(id: string, { items: wanted, ...offer }: ListingOffer = {}): Promise<TermsDraft> {
    const { items, left, version, seller, hash, terms, text, title } = toListing(
      await this.#core.store.read(async (tx) => {
        await rowOf(tx, id)
        return sellable(tx, this.#core, id)
      }),
      this.#core.self.device,
    )
    const [only, ...more] = items
    if (wanted === undefined && more.length > 0)
      throw new DchatError('usage/invalid-argument', { name: 'items', reason: 'the listing has several' })
    const picked = (wanted ?? [{ id: only?.id ?? '' }]).map(({ id: name, quantity = 1 }) => {
      const item = items.find((one) => one.id === name)
      if (item === undefined)
        throw new DchatError('usage/invalid-argument', { name: 'items', reason: 'the listing has no such item' })
      const available = left.find((one) => one.id === name)?.available ?? 0
      if (available < quantity) throw new DchatError('offer/out-of-stock', { listing: id, available })
      const { stock: _, ...rest } = item
      return { ...rest, quantity }
    })
    return {
      ...terms,
      text: text ?? title,
      ...offer,
      items: picked,
      listing: { id, version, seller, hash },
    }
  }

  async #known(id: string): Promise<Listing> {
    return toListing(await this.#core.store.read((tx) => rowOf(tx, id)), this.#core.self.device)
  }

  #putSigned(tx: StoreWriter, { listing, body, signature }: SignedListing, row: Omit<ListingRow, 'id' | 'signed'>) {
    putVersion(tx, listing, listingHash(body))
    return this.#put(tx, { ...row, id: listing.id, signed: encodeSignedListing({ body, signature }) })
  }

  /** What the other own devices see of it too. */
  async #put(tx: StoreWriter, row: ListingRow): Promise<void> {
    await putListingRow(tx, row)
    if (row.state === 'paused') return
    await putBooks(tx, this.#core, row)
    await planTelling(tx, row.id, this.#core.clock.now())
  }

  async #sign(listing: Omit<ListingBody, 'seller' | 'device' | 'at'>): Promise<SignedListing> {
    const { crypto, self, clock } = this.#core
    const at = Math.max(0, Math.round(clock.now()))
    const whole = { ...listing, seller: self.address, device: toHex(self.record.deviceKey), at }
    try {
      return await signListing(crypto, self.record.seed, whole)
    } catch (cause) {
      if (!isDchatError(cause, 'protocol/malformed')) throw cause
      throw new DchatError('offer/bad-terms', { reason: cause.details.reason }, { cause })
    }
  }
}

type Content = Omit<ListingBody, 'seller' | 'device' | 'at'>

const completeListing = (
  { title, items, terms, text }: ListingDraft,
  { id, version }: Pick<ListingBody, 'id' | 'version'>,
): Content => ({
  id,
  version,
  title,
  items: items.map((item, i) => ({ id: `${i + 1}`, stock: 1, ...item })),
  ...(terms && { terms }),
  ...(text === undefined ? {} : { text }),
})

const isSame = (next: Content, { title, items, terms, text }: Listing): boolean => {
  const form = (one: Omit<Content, 'id' | 'version'>) =>
    encodeCbor([one.title, one.items, one.terms ?? null, one.text ?? null] as unknown as CborValue)
  return equalBytes(
    form(next),
    form({ title, items, ...(terms && { terms }), ...(text === undefined ? {} : { text }) }),
  )
}

/** No version has less than is gone. */
const checkStock = ({ items }: ListingBody, { taken }: ListingRow): void => {
  for (const { item, reserved, sold } of taken)
    if (stockOf(items, taken, item).stock < reserved + sold)
      throw new DchatError('usage/invalid-argument', {
        name: 'stock',
        reason: `${reserved + sold} of an item are sold or promised`,
      })
}
