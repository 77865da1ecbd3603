import { placeOf } from '../../domain/messages/place.ts'
import { mergeDirectMessages, type RivalRoom } from '../../domain/rooms/dm-merge.ts'
import type { StoreWriter } from '../../domain/store/store.ts'
import type { TopicId } from '../../records/ids.ts'
import { toHex } from '../../util/bytes.ts'
import { putConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { putControlIntent } from '../intents.ts'
import { putMessage } from '../message-life/rows.ts'
import type { ControlRecord, ConversationRecord, IntentRecord, MessageRecord, RoomRecord } from '../records.ts'
import { getControl } from './session.ts'

/** Rows of one page while a room's few early messages get their new place. */
const PAGE = 1_000

/**
 * Takes a room that was entered into its conversation. Where two were opened at once, the rule chooses the one that
 * goes on; the other's opener ends it, after what was queued in it, so that no message id changes (groups.md).
 */
export const mergeInto = async (
  tx: StoreWriter,
  core: Core,
  conversation: ConversationRecord,
  arrived: RoomRecord,
): Promise<void> => {
  const { restoring: _, ...base } = conversation
  const listed = { ...base, rooms: [...new Set([...base.rooms, arrived.id])] }
  const known = base.active === undefined || base.active === arrived.id ? undefined : await activeRoom(tx, base.active)
  const queued =
    base.active === undefined ? [] : await tx.page<IntentRecord>('outbox', { scope: base.active, limit: 1 })
  if (known === undefined || known.state === 'closed') {
    // Named but never opened: without a message that waits for it, it is not needed any more.
    const keep = base.active !== undefined && base.active !== arrived.id && known === undefined && queued.length > 0
    await putConversation(tx, keep ? listed : { ...listed, active: arrived.id })
    return
  }
  const rivals = await Promise.all([known, arrived].map((room) => rival(tx, room)))
  const decision = mergeDirectMessages(...(rivals as [RivalRoom, RivalRoom]))
  const [winner, loser] = decision.active === 'known' ? [known, arrived] : [arrived, known]
  await putConversation(tx, { ...listed, active: winner.id })
  await placeBefore(tx, loser)
  const [first, second] = rivals
  const opener = (decision.active === 'known' ? second : first)?.opener
  if (decision.closeOther && opener === core.self.address) await queueClose(tx, core, loser, winner)
}

const rival = async (tx: StoreWriter, { id, topic, spoke }: RoomRecord): Promise<RivalRoom> => ({
  opener: ((await getControl(tx, id)) as ControlRecord).snapshot.opener,
  topic: toHex(topic) as TopicId,
  bothSpoke: spoke.own && spoke.peer,
})

const activeRoom = (tx: StoreWriter, id: string): Promise<RoomRecord | undefined> => tx.get<RoomRecord>('rooms', id)

/** The room that ends is shown before the one that goes on: its term becomes 0, and its messages move. */
const placeBefore = async (tx: StoreWriter, loser: RoomRecord): Promise<void> => {
  if (loser.term === 0) return
  const [first, end] = [placeOf(loser.term, 0), placeOf(loser.term + 1, 0)]
  const rows = await tx.page<MessageRecord>('messages', {
    scope: loser.conversation,
    after: first,
    before: end,
    limit: PAGE,
  })
  for (const { value } of rows) if (value.room === loser.id) putMessage(tx, { ...value, place: value.place - first })
  tx.put('rooms', { key: loser.id, scope: 'all', position: loser.ordinal, value: { ...loser, term: 0 } })
}

const queueClose = async (tx: StoreWriter, core: Core, loser: RoomRecord, winner: RoomRecord): Promise<void> => {
  await putControlIntent(tx, core, loser.id, { kind: 'close', winner: winner.topic })
}
