import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { PastMessage } from '../../protocol/history/message.ts'
import type { ConversationId } from '../../records/ids.ts'
import { getConversation } from '../conversation-store.ts'
import type { RoomRecord } from '../records.ts'

/** archive/term/<room>, scope 'terms/<conversation>', position: the term that the room has here. */
interface TermRecord {
  readonly room: string
  readonly term: number
  /** The one that it has at the device that told of it. */
  readonly theirs: number
}

const scopeOf = (conversation: ConversationId): string => `terms/${conversation}`
const keyOf = (room: string): string => `term/${room}`

/** Terms of rooms of a direct message that are known from history alone. */
export const pastTerms = async (tx: StoreReader, conversation: ConversationId): Promise<readonly TermRecord[]> =>
  (await tx.page<TermRecord>('archive', { scope: scopeOf(conversation), limit: 10_000 })).map(({ value }) => value)

/** The term that history gave a room, for when this device comes into it. */
export const pastTerm = async (tx: StoreReader, room: string): Promise<number | undefined> =>
  (await tx.get<TermRecord>('archive', keyOf(room)))?.term

/**
 * The term under which a message of the past stands here. A group's is the same everywhere; the rooms of a direct message
 * are ordered by each device, and keep the order that the one has which tells of them.
 */
export const termHere = async (
  tx: StoreWriter,
  conversation: ConversationId,
  { room: { id: room, peer }, term: theirs }: Pick<PastMessage, 'room' | 'term'>,
): Promise<number> => {
  if (peer === undefined) return theirs
  const known = await tx.get<RoomRecord>('rooms', room)
  if (known !== undefined && known.conversation === conversation) {
    await remember(tx, conversation, { room, term: known.term, theirs })
    return known.term
  }
  const given = await pastTerm(tx, room)
  if (given !== undefined) return given
  const others = await pastTerms(tx, conversation)
  const [other] = others
  const taken = [...others.map(({ term }) => term), ...(await liveTerms(tx, conversation))]
  let term = Math.max(theirs + (other === undefined ? 0 : other.term - other.theirs), 0)
  // A room that this device never was in is older than those that it is in.
  while (term > 0 && taken.includes(term)) term -= 1
  if (taken.includes(term)) term = Math.max(...taken) + 1
  await remember(tx, conversation, { room, term, theirs })
  return term
}

const liveTerms = async (tx: StoreReader, conversation: ConversationId): Promise<readonly number[]> => {
  const rooms = (await getConversation(tx, conversation))?.rooms ?? []
  const records = await Promise.all(rooms.map((id) => tx.get<RoomRecord>('rooms', id)))
  return records.flatMap((record) => (record === undefined ? [] : [record.term]))
}

const remember = async (tx: StoreWriter, conversation: ConversationId, record: TermRecord): Promise<void> => {
  const known = await tx.get<TermRecord>('archive', keyOf(record.room))
  if (known?.term === record.term && known.theirs === record.theirs) return
  const [there] = await tx.page<TermRecord>('archive', {
    scope: scopeOf(conversation),
    after: record.term - 1,
    before: record.term + 1,
    limit: 1,
  })
  if (there !== undefined && there.value.room !== record.room) return
  tx.put('archive', { key: keyOf(record.room), scope: scopeOf(conversation), position: record.term, value: record })
}
