import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { PastMessage } from '../../protocol/history/message.ts'
import { sizeOf } from '../../protocol/history/segment.ts'
import { CHAIN_ID } from '../../protocol/history/segment-index.ts'
import type { MessageId, RelayUrl } from '../../records/ids.ts'
import type { Core } from '../core.ts'
import { getMessage } from '../message-life/rows.ts'
import { CHANGED, passOver } from './changed.ts'
import { pastOf, type Rooms } from './past-message.ts'

/** Bytes of messages in one segment, as they are counted before they are put together: it fits into 64 KiB. */
const FILL = 58 * 1024
/** Messages that one transaction takes into the chain; what a segment bears of the shortest is less. */
const BATCH = 200
const SEGMENT = 800
/** More messages than come between a backup and its use. */
const LOST = 2 ** 32
const SEGMENTS = 'segments'
const ITEMS = 'items'
const CHAIN = 'chain'

/** archive/chain: what this device keeps of messages in the archive. */
export interface ChainRecord {
  readonly id: Uint8Array
  /** Segments have numbers from `first` on, below `next`; older messages go down, newer ones up. */
  readonly first: number
  readonly next: number
  /** Places of messages in the chain: all that are taken stand between. */
  readonly begin: number
  readonly end: number
  /** Arrivals from `down` to `up` were taken, or passed over. */
  readonly down: number
  readonly up: number
  readonly messages: number
  /** Of the index; it grows with each writing. */
  readonly version: number
  /** False: the relays may hold more of this chain than this store knows (it is a copy that was restored). */
  readonly checked: boolean
}

/** archive/segment/<number>, scope 'segments', position: number */
export interface SegmentRecord {
  readonly number: number
  /** Places of its messages. */
  readonly from: number
  readonly to: number
  readonly messages: number
  readonly bytes: number
  readonly version: number
  readonly newest: number
  /** The version that each home relay holds. */
  readonly at: Readonly<Record<RelayUrl, number>>
  /** Known from the index alone: another copy of this store wrote it, and its messages are not told apart here. */
  readonly foreign?: true
}

/** archive/item/<message id>, scope 'items', position: place in the chain */
interface ItemRecord {
  readonly id: MessageId
  readonly segment: number
}

/** arrivals/<arrival>: `kept` where another own device's chain has the message. */
export interface ArrivalRecord {
  readonly id: MessageId
  readonly kept?: true
}

export const getChain = (tx: StoreReader): Promise<ChainRecord | undefined> => tx.get<ChainRecord>('archive', CHAIN)

export const putChain = (tx: StoreWriter, chain: ChainRecord): void => tx.put('archive', { key: CHAIN, value: chain })

export const putSegment = (tx: StoreWriter, segment: SegmentRecord): void =>
  tx.put('archive', {
    key: `segment/${segment.number}`,
    scope: SEGMENTS,
    position: segment.number,
    value: segment,
  })

export const getSegment = (tx: StoreReader, number: number): Promise<SegmentRecord | undefined> =>
  tx.get<SegmentRecord>('archive', `segment/${number}`)

/** All of them, oldest first. */
export const segmentsOf = async (tx: StoreReader): Promise<readonly SegmentRecord[]> =>
  (await tx.page<SegmentRecord>('archive', { scope: SEGMENTS, limit: 100_000 })).map(({ value }) => value)

const itemKey = (id: MessageId): string => `item/${id}`

/** A chain that takes what comes from now on upwards, and what is there already downwards. */
export const beginChain = async (tx: StoreWriter, core: Pick<Core, 'crypto'>): Promise<ChainRecord> => {
  const up = (await tx.get<number>('meta', 'arrivals')) ?? 0
  const chain: ChainRecord = {
    id: core.crypto.random(CHAIN_ID),
    first: 0,
    next: 0,
    begin: 0,
    end: 0,
    down: up + 1,
    up,
    messages: 0,
    version: 0,
    checked: true,
  }
  putChain(tx, chain)
  return chain
}

/** Forgets the chain here; what the relays hold of it is another matter. */
export const dropChain = async (tx: StoreWriter): Promise<void> => {
  for (const scope of [SEGMENTS, ITEMS, CHANGED])
    for (const { key } of await tx.page('archive', { scope, limit: 1_000_000 })) tx.delete('archive', key)
  tx.delete('archive', CHAIN)
}

/** Takes newer messages into the chain; true if there are more. */
export const takeNewer = (core: Pick<Core, 'store'>): Promise<boolean> =>
  core.store.write(async (tx) => {
    const chain = await getChain(tx)
    if (chain === undefined) return false
    const rows = await tx.page<ArrivalRecord>('arrivals', { scope: 'all', after: chain.up, limit: BATCH })
    const rooms: Rooms = new Map()
    const book = new ChainBook(tx, chain)
    for (const { position, value } of rows) {
      const past = await wanted(tx, value, position as number, rooms)
      if (past !== undefined) await book.append(past)
      book.up = position as number
    }
    book.save()
    return rows.length === BATCH
  })

/** Takes one more segment of older messages, newest first; true if there may be more. */
export const takeOlder = (core: Pick<Core, 'store'>): Promise<boolean> =>
  core.store.write(async (tx) => {
    const chain = await getChain(tx)
    if (chain === undefined) return false
    const query = { scope: 'all', before: chain.down, order: 'descending', limit: SEGMENT } as const
    const rows = await tx.page<ArrivalRecord>('arrivals', query)
    const rooms: Rooms = new Map()
    const book = new ChainBook(tx, chain)
    const taken: PastMessage[] = []
    let bytes = 0
    for (const { position, value } of rows) {
      const past = await wanted(tx, value, position as number, rooms)
      const size = past === undefined ? 0 : sizeOf(past)
      if (taken.length > 0 && bytes + size > FILL) break
      book.down = position as number
      if (past === undefined) continue
      taken.push(past)
      bytes += size
    }
    book.prepend(taken, bytes)
    book.save()
    return rows.length > 0
  })

/** What an arrival brought, where it belongs into this chain and does not stand there yet. */
const wanted = async (
  tx: StoreReader,
  { id, kept }: ArrivalRecord,
  arrival: number,
  rooms: Rooms,
): Promise<PastMessage | undefined> => {
  if (kept || (await tx.get('archive', itemKey(id))) !== undefined) return undefined
  const message = await getMessage(tx, id)
  return message === undefined || message.arrival !== arrival ? undefined : pastOf(tx, message, rooms)
}

/** The chain while one transaction changes it. */
class ChainBook {
  up: number
  down: number
  readonly #tx: StoreWriter
  #chain: ChainRecord

  constructor(tx: StoreWriter, chain: ChainRecord) {
    this.#tx = tx
    this.#chain = chain
    this.up = chain.up
    this.down = chain.down
  }

  async append(past: PastMessage): Promise<void> {
    const { next, end, messages } = this.#chain
    const size = sizeOf(past)
    const open = await getSegment(this.#tx, next - 1)
    const place = end + 1
    const fits = open !== undefined && !open.foreign && open.bytes + size <= FILL
    const base = fits
      ? open
      : { number: next, from: place, to: place, messages: 0, bytes: 0, version: 0, newest: 0, at: {} }
    putSegment(this.#tx, {
      ...base,
      to: place,
      messages: base.messages + 1,
      bytes: base.bytes + size,
      version: base.version + 1,
      newest: Math.max(base.newest, past.at),
    })
    this.#put(past.id, base.number, place)
    this.#chain = { ...this.#chain, next: fits ? next : next + 1, end: place, messages: messages + 1 }
  }

  /** Newest first. */
  prepend(taken: readonly PastMessage[], bytes: number): void {
    if (taken.length === 0) return
    const number = this.#chain.first - 1
    const { begin } = this.#chain
    for (const [index, { id }] of taken.entries()) this.#put(id, number, begin - 1 - index)
    const newest = Math.max(...taken.map(({ at }) => at))
    const [from, to] = [begin - taken.length, begin - 1]
    putSegment(this.#tx, { number, from, to, messages: taken.length, bytes, version: 1, newest, at: {} })
    this.#chain = { ...this.#chain, first: number, begin: from, messages: this.#chain.messages + taken.length }
  }

  save(): void {
    putChain(this.#tx, { ...this.#chain, up: this.up, down: this.down })
  }

  #put(id: MessageId, segment: number, position: number): void {
    this.#tx.put('archive', { key: itemKey(id), scope: ITEMS, position, value: { id, segment } satisfies ItemRecord })
  }
}

/** The messages of a segment as they are now, oldest first; those that are gone leave it for good. */
export const messagesOf = async (tx: StoreWriter, { from, to }: SegmentRecord): Promise<readonly PastMessage[]> => {
  const rooms: Rooms = new Map()
  const messages: PastMessage[] = []
  const rows = await tx.page<ItemRecord>('archive', { scope: ITEMS, after: from - 1, before: to + 1, limit: 10_000 })
  for (const { key, value } of rows) {
    const message = await getMessage(tx, value.id)
    const past = message === undefined ? undefined : await pastOf(tx, message, rooms)
    if (past === undefined) tx.delete('archive', key)
    else messages.push(past)
  }
  return messages
}

/** A message does not fit into its segment any more: it goes to the end of the chain. */
export const moveToEnd = async (tx: StoreWriter, past: PastMessage): Promise<void> => {
  const chain = await getChain(tx)
  if (chain === undefined) return
  tx.delete('archive', itemKey(past.id))
  const book = new ChainBook(tx, { ...chain, messages: chain.messages - 1 })
  await book.append(past)
  book.save()
}

/**
 * A message that may stand in the archive is not what it was: edited, reacted to, deleted, or gone. Its segment is written
 * again; what only another chain has is added to this one as it is now, because newer words count there too.
 */
const archiveChanged = async (tx: StoreWriter, id: MessageId): Promise<void> => {
  const chain = await getChain(tx)
  if (chain === undefined) return
  const item = await tx.get<ItemRecord>('archive', itemKey(id))
  if (item !== undefined) {
    const segment = await getSegment(tx, item.segment)
    if (segment !== undefined && !segment.foreign) return putSegment(tx, { ...segment, version: segment.version + 1 })
    tx.delete('archive', itemKey(id))
  }
  const message = await getMessage(tx, id)
  if (message?.arrival === undefined || message.arrival > chain.up) return
  const past = await pastOf(tx, message, new Map())
  if (past === undefined) return
  const book = new ChainBook(tx, chain)
  await book.append(past)
  book.save()
}

/** What changed since the last time. */
export const takeChanged = (core: Pick<Core, 'store'>): Promise<boolean> =>
  core.store.write(async (tx) => {
    const rows = await tx.page<MessageId>('archive', { scope: CHANGED, limit: BATCH })
    for (const { key, value } of rows) {
      tx.delete('archive', key)
      await archiveChanged(tx, value)
    }
    return rows.length === BATCH
  })

/** The store is a copy: what its relays hold of the archive is looked up before anything is written there. */
export const archiveAfterRestore = async (tx: StoreWriter): Promise<void> => {
  const chain = await getChain(tx)
  if (chain !== undefined) putChain(tx, { ...chain, checked: false })
  tx.delete('archive', 'restore')
  // What the lost self has given to other devices since goes up to a count that this one does not know.
  const arrivals = (await tx.get<number>('meta', 'arrivals')) ?? 0
  tx.put('meta', { key: 'arrivals', value: arrivals + LOST })
  await passOver(tx, LOST)
}
