import { isUnsent, placeIn, placeParts, unsentPlace } from '../../domain/messages/place.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import { getConversation, putConversation } from '../conversation-store.ts'
import { toMessage } from '../message-view.ts'
import type { MessageRecord, RoomRecord } from '../records.ts'
import type { Told } from '../rooms/told.ts'
import { dropMessage } from './expiry.ts'
import { lastOf, withoutMessages } from './last.ts'
import { deleteMessage, getMessage, putMessage } from './rows.ts'

/** More than a topic has entries: from here on stands, behind it, what stands in no topic any more (hubs.md). */
export const ASIDE = 2 ** 28
/** Where the second topic of a direct message begins (place.ts). */
const TOPIC = 2 ** 32
const PAGE = 500

/** Only a conversation that has moved had another side, with something else at the same place. */
const mayBeTaken = (place: number): boolean => {
  const { term, seq } = placeParts(place)
  return term > 1 || seq >= ASIDE
}

/** The first free place behind the topic in which `place` is. */
const behind = async (tx: StoreReader, scope: string, place: number): Promise<number> => {
  const begin = place - (placeParts(place).seq % TOPIC)
  const [last] = await tx.page('messages', { scope, before: begin + TOPIC, order: 'descending', limit: 1 })
  return Math.max(begin + ASIDE, (last?.position ?? 0) + 1)
}

const inTheWay = async (
  tx: StoreReader,
  { id, conversation: scope, place }: MessageRecord,
): Promise<MessageRecord | undefined> => {
  const [found] = await tx.page<MessageRecord>('messages', { scope, after: place - 1, before: place + 1, limit: 1 })
  return found?.value.id === id ? undefined : found?.value
}

const moveTo = (tx: StoreWriter, known: MessageRecord, place: number): MessageRecord => {
  const moved = { ...known, place }
  deleteMessage(tx, known)
  putMessage(tx, moved)
  return moved
}

/**
 * Writes a message where it stands now. What an own device on another side of the conversation has told of that place comes
 * behind the topic, until its author says it again.
 */
export const placeMessage = async (
  tx: StoreWriter,
  record: MessageRecord,
  told: Pick<Told, 'messages'>,
): Promise<void> => {
  const other = mayBeTaken(record.place) ? await inTheWay(tx, record) : undefined
  if (other !== undefined)
    told.messages.push(toMessage(moveTo(tx, other, await behind(tx, other.conversation, other.place))))
  const known = await getMessage(tx, record.id)
  if (known !== undefined && known.place !== record.place && !isUnsent(known.place)) deleteMessage(tx, known)
  putMessage(tx, record)
}

/** Where what an own device tells of the past can stand: beside its place if that is taken. Undefined: it cannot be true. */
export const beside = async (tx: StoreReader, record: MessageRecord): Promise<MessageRecord | undefined> => {
  const { conversation, place } = record
  if ((await inTheWay(tx, record)) === undefined) return record
  return mayBeTaken(place) ? { ...record, place: await behind(tx, conversation, place) } : undefined
}

/** What became of the messages of a side that was left. */
export interface Aside {
  readonly moved: readonly MessageRecord[]
  readonly dropped: readonly MessageRecord[]
}

/**
 * What was said in the room's topics behind the one of `term` stands nowhere any more: it comes behind that one, in its order,
 * until its authors say it again. Notices go: what they tell of has not happened, or is done again and told again.
 */
export const putAside = async (
  tx: StoreWriter,
  { id, conversation: scope, term: own }: Pick<RoomRecord, 'id' | 'conversation' | 'term'>,
  kind: Snapshot['kind'],
  term: number,
): Promise<Aside> => {
  const begin = (of: number) => placeIn({ kind, term: of }, kind === 'dm' ? own : of, 0)
  const moved: MessageRecord[] = []
  const dropped: MessageRecord[] = []
  const before = unsentPlace(0)
  let place = await behind(tx, scope, begin(term))
  let rows: Awaited<ReturnType<typeof tx.page<MessageRecord>>>
  let after = begin(term + 1) - 1
  do {
    rows = await tx.page<MessageRecord>('messages', { scope, after, before, limit: PAGE })
    for (const { value } of rows) {
      if (value.room !== id) continue
      if (value.content.type !== 'notice') moved.push(moveTo(tx, value, place++))
      else {
        await dropMessage(tx, value)
        dropped.push(value)
      }
    }
    after = rows.at(-1)?.position ?? after
  } while (rows.length === PAGE)
  const conversation = await getConversation(tx, scope)
  const last = moved.find((message) => message.id === conversation?.last?.id)
  if (conversation !== undefined && last !== undefined)
    await putConversation(tx, { ...conversation, last: lastOf(last) })
  await withoutMessages(tx, dropped)
  return { moved, dropped }
}
