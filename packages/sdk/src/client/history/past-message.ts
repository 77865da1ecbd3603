import { isUnsent, placeParts } from '../../domain/messages/place.ts'
import type { StoreReader } from '../../domain/store/store.ts'
import type { PastAction, PastMessage, PastRoom } from '../../protocol/history/message.ts'
import { EDITIONS_KEPT, MARKS_KEPT } from '../../protocol/history/message-codec.ts'
import type { ConversationId } from '../../records/ids.ts'
import type { Edition, MessageState } from '../../records/message.ts'
import { utf8 } from '../../util/bytes.ts'
import { getConversation } from '../conversation-store.ts'
import { refsOf } from '../message-life/rows.ts'
import type { MessageRecord } from '../records.ts'

/** Bytes of earlier wordings that go along: the newest ones. */
const EDITIONS_BYTES = 64 * 1024
const SHOWN: readonly MessageState[] = ['sent', 'delivered', 'read']

/** Rooms are looked up once for very many messages. */
export type Rooms = Map<string, PastRoom>

/** The message as other own devices get it; undefined for one that does not stand in the conversation yet. */
export const pastOf = async (
  tx: StoreReader,
  message: MessageRecord,
  rooms: Rooms,
): Promise<PastMessage | undefined> => {
  if (isUnsent(message.place)) return undefined
  const { id, from, device, content, at, editedAt, expiresAt, reactions, own } = message
  const refs = await refsOf(tx, id, MARKS_KEPT)
  const actions = refs.map((ref): PastAction => {
    const emoji = ref.emoji === undefined ? {} : { emoji: ref.emoji }
    return { id: ref.id, from: ref.from, type: ref.type, ...emoji }
  })
  const editions = newestEditions(message.editions ?? [])
  return {
    id,
    room: await roomOf(tx, message, rooms),
    from,
    device,
    content,
    at,
    ...placeParts(message.place),
    state: own && SHOWN.includes(message.state) ? (message.state as PastMessage['state']) : 'read',
    ...(editedAt === undefined ? {} : { editedAt }),
    ...(editions.length === 0 ? {} : { editions }),
    ...(reactions === undefined ? {} : { reactions: reactions.slice(0, MARKS_KEPT) }),
    ...(actions.length === 0 ? {} : { actions }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  }
}

const newestEditions = (editions: readonly Edition[]): readonly Edition[] => {
  let left = EDITIONS_BYTES
  const kept: Edition[] = []
  for (const edition of editions.slice(-EDITIONS_KEPT).reverse()) {
    left -= utf8(edition.content.type === 'text' ? edition.content.text : edition.content.markdown).length
    if (left < 0) break
    kept.unshift(edition)
  }
  return kept
}

const roomOf = async (
  tx: StoreReader,
  { room, conversation }: { readonly room: string; readonly conversation: ConversationId },
  rooms: Rooms,
): Promise<PastRoom> => {
  const known = rooms.get(room)
  if (known !== undefined) return known
  const record = await getConversation(tx, conversation)
  const found: PastRoom = {
    id: room,
    ...(record?.peer === undefined ? {} : { peer: record.peer }),
    ...(record?.kind !== 'group' || record.name === undefined || record.name === '' ? {} : { name: record.name }),
  }
  rooms.set(room, found)
  return found
}
