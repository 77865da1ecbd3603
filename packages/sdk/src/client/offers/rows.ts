import type { OfferThread } from '../../domain/offers/thread.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { ConversationId, MessageId } from '../../records/ids.ts'
import type { OfferEventId, OfferThreadId, Reason } from '../../records/offer.ts'
import { nextCount } from '../conversation-store.ts'
import type { HubRecord, RoomRecord } from '../records.ts'

/** offers/thread/<room>/<thread>, scope 'threads', position: order of change. An offer lives in the room where it began. */
export interface ThreadRow {
  readonly id: OfferThreadId
  readonly room: string
  readonly conversation: ConversationId
  /** Absent while the proposal has not been read back, or never came. */
  readonly thread?: OfferThread
  /** Place of the proposal. */
  readonly first?: number
  /** Another own device, which missed nothing of it, told every step up to this place, and each of them is here. */
  readonly covered?: number
  /** What it told last, as long as some of these steps are not here. */
  readonly told?: Told
  /** What the seller told last to be left of what the live terms ask for. */
  readonly left?: number
  /** Place of the last step that was read. */
  readonly place: number
  readonly changed: number
}

/** What a device knows of an offer of which it missed nothing: so many steps up to a place. */
export interface Told {
  readonly upTo: number
  readonly steps: number
}

/** offers/event/<room>/<event>, scope events/<room>/<thread>, position: place. Every step that was read, refused ones too. */
export interface EventRow {
  readonly id: OfferEventId
  readonly thread: OfferThreadId
  /** CBOR [body, signature]. */
  readonly signed: Uint8Array
  readonly place: number
  readonly acceptedAt: number
  readonly message: MessageId
  readonly refused?: Reason
}

/** offers/entry/<room>/<event>: what proves to others where and when the step stood. */
export interface EntryRow {
  readonly hub: HubRecord
  readonly epoch: number
  readonly reference: Uint8Array
  readonly body: Uint8Array
  readonly salt: Uint8Array
  /** Encoded. */
  readonly receipt: Uint8Array
}

const PAGE = 500

/** Every step since the proposal was read here: where some were not, this device does not know how the offer stands. */
export const isWhole = (
  { first, covered = -1 }: Pick<ThreadRow, 'first' | 'covered'>,
  room: Pick<RoomRecord, 'missed'> | undefined,
): boolean => first === undefined || Math.max(first - 1, covered) >= (room?.missed ?? -1)

const threadKey = (room: string, id: OfferThreadId): string => `thread/${room}/${id}`
const eventScope = (room: string, thread: OfferThreadId): string => `events/${room}/${thread}`

export const getThread = (tx: StoreReader, room: string, id: OfferThreadId): Promise<ThreadRow | undefined> =>
  tx.get<ThreadRow>('offers', threadKey(room, id))

/** The thread with this id, in the room where this device met it first. */
export const findThread = async (tx: StoreReader, id: OfferThreadId): Promise<ThreadRow | undefined> => {
  const at = await tx.get<{ room: string }>('offers', `at/${id}`)
  return at === undefined ? undefined : getThread(tx, at.room, id)
}

/** Writes the row as the one that changed last. */
export const putThread = async (tx: StoreWriter, row: Omit<ThreadRow, 'changed'>): Promise<ThreadRow> => {
  const changed = await nextCount(tx, 'offers')
  const value: ThreadRow = { ...row, changed }
  tx.put('offers', { key: threadKey(row.room, row.id), scope: 'threads', position: changed, value })
  if ((await tx.get('offers', `at/${row.id}`)) === undefined)
    tx.put('offers', { key: `at/${row.id}`, value: { room: row.room } })
  return value
}

/** Every offer of a room. */
export const threadsOf = async (tx: StoreReader, room: string): Promise<readonly ThreadRow[]> => {
  const threads: ThreadRow[] = []
  for (let after: number | undefined; ; ) {
    const rows = await tx.page<ThreadRow>('offers', {
      scope: 'threads',
      limit: PAGE,
      ...(after === undefined ? {} : { after }),
    })
    threads.push(...rows.flatMap(({ value }) => (value.room === room ? [value] : [])))
    after = rows.at(-1)?.position
    if (rows.length < PAGE) return threads
  }
}

export const getEvent = (tx: StoreReader, room: string, id: OfferEventId): Promise<EventRow | undefined> =>
  tx.get<EventRow>('offers', `event/${room}/${id}`)

export const putEvent = (tx: StoreWriter, room: string, row: EventRow): void =>
  tx.put('offers', {
    key: `event/${room}/${row.id}`,
    scope: eventScope(room, row.thread),
    position: row.place,
    value: row,
  })

/** Every step of a thread that was read, in the order of its topic. */
export const eventsOf = async (tx: StoreReader, room: string, thread: OfferThreadId): Promise<readonly EventRow[]> => {
  const events: EventRow[] = []
  for (;;) {
    const after = events.at(-1)?.place
    const query = { scope: eventScope(room, thread), limit: PAGE, ...(after === undefined ? {} : { after }) }
    const rows = await tx.page<EventRow>('offers', query)
    events.push(...rows.map(({ value }) => value))
    if (rows.length < PAGE) return events
  }
}

export const getEntry = (tx: StoreReader, room: string, id: OfferEventId): Promise<EntryRow | undefined> =>
  tx.get<EntryRow>('offers', `entry/${room}/${id}`)

export const putEntry = (tx: StoreWriter, room: string, id: OfferEventId, value: EntryRow): void =>
  tx.put('offers', { key: `entry/${room}/${id}`, value })
