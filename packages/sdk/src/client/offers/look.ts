import { offerAt } from '../../domain/offers/offer-view.ts'
import type { StoreReader } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import type { Offer, OfferEvent, OfferThreadId } from '../../records/offer.ts'
import { askAhead } from '../../util/streams.ts'
import type { FoundOffer, OfferList } from '../api/offers.ts'
import type { Page } from '../api/page.ts'
import type { Core } from '../core.ts'
import type { RoomRecord } from '../records.ts'
import { timeAt } from './hub-clock.ts'
import { findThread, isWhole, type ThreadRow } from './rows.ts'
import { type OfferState, queuedSteps, stateOf } from './state.ts'

const PAGE = 50
const MOST = 1_000
/** Characters of an id that must be given. */
const SHORTEST = 4

interface Seen {
  readonly state: OfferState
  readonly room: RoomRecord | undefined
}

type Rooms = Map<string, { readonly waiting: readonly OfferEvent[]; readonly room: RoomRecord | undefined }>

const see = async (tx: StoreReader, { clock }: Core, row: ThreadRow, rooms: Rooms = new Map()): Promise<Seen> => {
  const known = rooms.get(row.room)
  const at = known ?? {
    waiting: await queuedSteps(tx, row.room),
    room: await tx.get<RoomRecord>('rooms', row.room),
  }
  rooms.set(row.room, at)
  return { state: stateOf(row, at.waiting, clock.now()), room: at.room }
}

/** By the clock of the relay where the offer stands; where that cannot be asked, by this device's. */
const view = async (core: Core, { state, room }: Seen): Promise<Offer | undefined> => {
  const { row, expected, queued } = state
  const thread = row.thread ?? expected
  if (thread === undefined) return undefined
  const now = room === undefined ? undefined : await timeAt(core, room.hub)
  return offerAt(thread, Math.max(now ?? core.clock.now(), room?.time ?? 0), {
    sent: row.thread !== undefined,
    whole: isWhole(row, room),
    pending: queued.flatMap(({ type }) => (typeof type === 'string' ? [type] : [])),
    available: row.left,
  })
}

export const getOffer = async (core: Core, id: OfferThreadId): Promise<Offer | undefined> => {
  const seen = await core.store.read(async (tx) => {
    const row = await findThread(tx, id)
    return row === undefined ? undefined : see(tx, core, row)
  })
  return seen === undefined ? undefined : view(core, seen)
}

export const listOffers = async (
  core: Core,
  { conversation, state, before, limit = PAGE }: OfferList,
): Promise<Page<Offer>> => {
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST)
    throw new DchatError('usage/invalid-argument', { name: 'limit', reason: 'it is a whole number from 1 to 1000' })
  const items: Offer[] = []
  let at = before === undefined ? undefined : placeOf(before)
  for (;;) {
    const { rows, seen } = await core.store.read(async (tx) => {
      const query = { scope: 'threads', order: 'descending', limit: PAGE } as const
      const page = await tx.page<ThreadRow>('offers', { ...query, ...(at === undefined ? {} : { before: at }) })
      const rooms: Rooms = new Map()
      const known = []
      for (const { value } of page) {
        const isWanted = conversation === undefined || value.conversation === conversation
        known.push(isWanted ? await see(tx, core, value, rooms) : undefined)
      }
      return { rows: page, seen: known }
    })
    for (const [i, one] of seen.entries()) {
      at = rows[i]?.position as number
      const offer = one && (await view(core, one))
      if (offer === undefined || (state !== undefined && offer.state !== state)) continue
      items.push(offer)
      if (items.length === limit) return { items, next: `${at}` }
    }
    if (rows.length < PAGE) return { items }
  }
}

const placeOf = (cursor: string): number => {
  const value = Number(cursor)
  if (cursor !== '' && Number.isSafeInteger(value)) return value
  throw new DchatError('usage/invalid-argument', { name: 'before', reason: 'it is not one that a page gave' })
}

/** What is meant by the beginning of an id: an offer, or one version of its terms. */
export const findOffer = async (core: Core, given: string): Promise<FoundOffer | undefined> => {
  const id = given.replace(/^#/, '').toLowerCase()
  if (id.length < SHORTEST || !/^[0-9a-f]+$/.test(id)) return undefined
  const found: FoundOffer[] = []
  for (let before: string | undefined; ; ) {
    const page = await listOffers(core, before === undefined ? { limit: MOST } : { limit: MOST, before })
    for (const offer of page.items) {
      if (offer.id.startsWith(id)) found.push({ offer })
      for (const { id: head } of offer.history) if (head.startsWith(id)) found.push({ offer, head })
    }
    before = page.next
    if (before === undefined) break
  }
  return found.length === 1 ? found[0] : undefined
}

/** Everything once, newest change first, then each offer again when it changed. */
export async function* followOffers(core: Core, options: OfferList & { signal: AbortSignal }): AsyncGenerator<Offer> {
  const { signal, ...list } = options
  const seen = new Map<OfferThreadId, string>()
  const changes = core.store.changes(['offers', 'outbox'], { signal })[Symbol.asyncIterator]()
  let changed = askAhead(changes)
  try {
    for (;;) {
      for (let before: string | undefined; ; ) {
        const page: Page<Offer> = await listOffers(core, before === undefined ? list : { ...list, before })
        for (const offer of page.items) {
          const shape = JSON.stringify(offer)
          if (seen.get(offer.id) === shape) continue
          seen.set(offer.id, shape)
          yield offer
        }
        before = page.next
        if (before === undefined) break
      }
      if ((await changed).done) return
      changed = askAhead(changes)
    }
  } finally {
    await changes.return?.()
  }
}
