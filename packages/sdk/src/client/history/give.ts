import { placeInRoom } from '../../domain/messages/place.ts'
import type { StoredRow, StoreReader } from '../../domain/store/store.ts'
import type { PastMessage } from '../../protocol/history/message.ts'
import { encodeSegment, sizeOf } from '../../protocol/history/segment.ts'
import { encodeHistoryPiece, type HistoryAsk } from '../../protocol/history/transfer.ts'
import type { DeviceId, MessageId } from '../../records/ids.ts'
import { equalBytes } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { getMessage } from '../message-life/rows.ts'
import { putPersonal, selfRoom } from '../personal/send.ts'
import type { RoomRecord } from '../records.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { getControl } from '../rooms/session.ts'
import { countBehind } from './archive-state.ts'
import { type ArrivalRecord, getChain } from './chain.ts'
import { ALTERED, passedOver } from './changed.ts'
import { type Rooms as PastRooms, pastOf } from './past-message.ts'
import { stepsFor } from './steps.ts'

/** Bytes of one piece: one entry of the smallest class that bears hundreds of messages. */
const FILL = 56 * 1024
const BATCH = 300
/** The newest messages that a new device is given; what is older stays with the old one, and in the archive. */
const GIVEN = 100_000
/** ms until a room that cannot be written to is looked at again. */
const LATER = 15_000
/** ms until it is looked again whether this device has read as far as it takes. */
const BEHIND = 5_000

/** Gives another own device the next piece of the past. It asks for each: so one is on its way, and both ends may stop at any time. */
export const giveHistory = async (
  core: Core,
  rooms: Rooms,
  task: { readonly ask: Uint8Array; readonly to: DeviceId; readonly wanted: HistoryAsk },
): Promise<void | { readonly again: number }> => {
  const { store } = core
  const room = await store.read(selfRoom)
  const session = room === undefined ? undefined : rooms.get(room)
  if (room === undefined) return
  if (!session?.isMember) return { again: LATER }
  const { ask, to, wanted } = task
  if (await store.read((tx) => isBehind(tx, wanted))) return { again: BEHIND }
  const given = await store.write(async (tx) => {
    const top = (await tx.get<number>('meta', 'arrivals')) ?? 0
    const total = top - (await passedOver(tx)) - ((await tx.get<number>('meta', 'past')) ?? 0)
    // What is new since is little, and the archive may have been read before it was there.
    const isKept = wanted.until === undefined && (await isInArchive(tx, wanted))
    const piece = isKept || wanted.taken >= GIVEN ? { messages: [] } : await pieceOf(tx, wanted)
    const { messages } = piece
    const segment = encodeSegment({ version: 0, messages, ...(await stepsFor(tx, messages)) })
    const next = piece.next === undefined ? {} : { next: piece.next }
    const body = encodeHistoryPiece({ ask, to, total, top, segment, ...next })
    await putPersonal(tx, core, { type: 'history', body })
    return { messages: wanted.taken + messages.length, total, done: piece.next === undefined }
  })
  session.outgoing.open()
  // What is new since is given in passing.
  if (wanted.until === undefined) core.events.emit({ type: 'history-given', device: to, ...given })
}

/** What the other device came too late to see this one has to have read itself; a room that stands still is as it is. */
const isBehind = async (tx: StoreReader, { places }: HistoryAsk): Promise<boolean> => {
  for (const [id, place] of Object.entries(places)) {
    const room = await tx.get<RoomRecord>('rooms', id)
    const snapshot = room?.state === 'open' ? (await getControl(tx, id))?.snapshot : undefined
    if (room === undefined || snapshot === undefined) continue
    if (placeInRoom(snapshot, snapshot.term, room.seq) < place) return true
  }
  return false
}

/** The other device has read this one's chain, and nothing is missing in it. */
const isInArchive = async (tx: StoreReader, { chains }: HistoryAsk): Promise<boolean> => {
  const chain = await getChain(tx)
  const isRead = chain !== undefined && chains.some((read) => equalBytes(read, chain.id))
  return isRead && (await countBehind(tx, chain)) === 0
}

/**
 * The newest messages below the place where it goes on, oldest first. Where only what is new since an earlier time is
 * wanted, older ones to which something was done since are new too.
 */
const pieceOf = async (
  tx: StoreReader,
  { from, until }: HistoryAsk,
): Promise<{ readonly messages: readonly PastMessage[]; readonly next?: number }> => {
  const after = until === undefined ? {} : { after: until }
  const before = from?.cursor ?? Number.MAX_SAFE_INTEGER
  const query = { scope: 'all', before, ...after, order: 'descending', limit: BATCH } as const
  const arrived = await tx.page<ArrivalRecord>('arrivals', query)
  const altered = until === undefined ? [] : await tx.page<MessageId>('archive', { ...query, scope: ALTERED })
  const all: readonly StoredRow<Given>[] = [
    ...arrived,
    ...altered.map(({ value: id, ...row }) => ({ ...row, value: { id, isAltered: true as const } })),
  ]
  const rows = [...all].sort((a, b) => positionOf(b) - positionOf(a)).slice(0, BATCH)
  const rooms: PastRooms = new Map()
  const messages: PastMessage[] = []
  let bytes = 0
  let next: number | undefined
  for (const { position, value } of rows) {
    const message = await getMessage(tx, value.id)
    const isHere = value.isAltered || message?.arrival === position
    const past = isHere && message !== undefined ? await pastOf(tx, message, rooms) : undefined
    const size = past === undefined ? 0 : sizeOf(past)
    if (messages.length > 0 && bytes + size > FILL)
      return { messages: messages.reverse(), ...(next === undefined ? {} : { next }) }
    next = position
    bytes += size
    if (past !== undefined) messages.push(past)
  }
  return { messages: messages.reverse(), ...(rows.length < BATCH || next === undefined ? {} : { next }) }
}

/** `isAltered`: it was given by then, and is not as it was. */
type Given = ArrivalRecord & { readonly isAltered?: true }

const positionOf = ({ position }: StoredRow<Given>): number => position as number
