import type { Client, Listing } from '@dchat/sdk'
import { DchatError } from '@dchat/sdk/errors'
import { PATIENCE, WAIT } from './defaults.ts'
import type { Engine } from './engine.ts'
import type { ListingCalls, ListingView } from './listing-types.ts'
import { deviceNamed } from './named-device.ts'

type Params<K extends keyof ListingCalls> = ListingCalls[K]['params']

/** Characters of an id that must be given. */
const SHORTEST = 4

const viewOf = ({ id, version, state, holder, isHere, title, items, left, text, hash }: Listing): ListingView => ({
  id,
  version,
  state,
  device: holder,
  here: isHere,
  title,
  items,
  left,
  hash,
  ...(text === undefined ? {} : { text }),
})

/** The one listing whose id begins so. Throws `offer/unknown-listing`. */
export const listingOf = async ({ listings }: Client, named: string): Promise<Listing> => {
  const id = named.replace(/^#/, '').toLowerCase()
  const found = id.length < SHORTEST ? [] : (await listings.list()).filter((one) => one.id.startsWith(id))
  const [only, ...more] = found
  if (only === undefined || more.length > 0) throw new DchatError('offer/unknown-listing', { listing: named })
  return only
}

export const createListing = async ({ client }: Engine, params: Params<'listing.create'>): Promise<ListingView> => {
  const { draft, clientId } = params
  return viewOf(await client.listings.create(draft, clientId === undefined ? {} : { clientId }))
}

export const editListing = async ({ client }: Engine, params: Params<'listing.edit'>): Promise<ListingView> => {
  const { id, items: known } = await listingOf(client, params.listing)
  const { changes, stock = [] } = params
  const items = stock.reduce((all, { id: named, stock: pieces }) => {
    const wanted = named ?? (all.length === 1 ? all[0]?.id : undefined)
    if (!all.some((item) => item.id === wanted))
      throw new DchatError('usage/invalid-argument', { name: '--stock', reason: 'it names no item of the listing' })
    return all.map((item) => (item.id === wanted ? { ...item, stock: pieces } : item))
  }, changes.items ?? known)
  return viewOf(await client.listings.edit(id, stock.length === 0 ? changes : { ...changes, items }))
}

export const showListing = async ({ client }: Engine, { listing }: Params<'listing.show'>): Promise<ListingView> =>
  viewOf(await listingOf(client, listing))

export const closeListing = async ({ client }: Engine, { listing }: Params<'listing.close'>): Promise<ListingView> =>
  viewOf(await client.listings.close((await listingOf(client, listing)).id))

/** Its own devices hear of it before a process that runs for a moment only ends. */
export const giveListing = async (
  { client, online }: Engine,
  { listing, device, patience = PATIENCE }: Params<'listing.give'>,
  signal: AbortSignal,
): Promise<ListingView> => {
  const to = deviceNamed(await client.devices.list(), device)
  await online.ready(patience, signal)
  await client.sync({ signal })
  const given = await client.listings.handOver((await listingOf(client, listing)).id, to.id)
  await client.sync({ signal })
  return viewOf(given)
}

/** What other own devices did is read first; the one that sells it gets a while to let it go. */
export const takeListing = async (
  { client, online }: Engine,
  { listing, uncounted = false, timeout = WAIT, patience = PATIENCE }: Params<'listing.take'>,
  signal: AbortSignal,
): Promise<ListingView> => {
  await online.ready(patience, signal)
  await client.sync({ signal })
  const { id } = await listingOf(client, listing)
  const taken = await client.listings.takeOver(id, { wait: timeout, uncounted, signal })
  await client.sync({ signal })
  return viewOf(taken)
}

export async function* listListings({ client }: Engine): AsyncGenerator<ListingView> {
  for (const listing of await client.listings.list()) yield viewOf(listing)
}
