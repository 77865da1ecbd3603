import { mergeDirectMessages, type RivalRoom } from '../../domain/rooms/dm-merge.ts'
import { placeRoom } from '../../domain/rooms/dm-terms.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import type { TopicId } from '../../records/ids.ts'
import { toHex } from '../../util/bytes.ts'
import { putConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { pastTerm, pastTerms } from '../history/terms.ts'
import { putControlIntent } from '../intents.ts'
import type { ControlRecord, ConversationRecord, IntentRecord, RoomRecord } from '../records.ts'
import { getControl } from './session.ts'

/**
 * Takes a room that was entered into its conversation. Where two were opened at once, the rule chooses the one that
 * goes on; the other's opener ends it, after what was queued in it, so that no message id changes (groups.md).
 */
export const mergeInto = async (
  tx: StoreWriter,
  core: Core,
  conversation: ConversationRecord,
  arrived: RoomRecord,
  isNew: boolean,
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
    if (isNew) await place(tx, listed, arrived)
    return
  }
  const rivals = await Promise.all([known, arrived].map((room) => rival(tx, room)))
  const decision = mergeDirectMessages(...(rivals as [RivalRoom, RivalRoom]))
  const [winner, loser] = decision.active === 'known' ? [known, arrived] : [arrived, known]
  await putConversation(tx, { ...listed, active: winner.id })
  if (isNew) await place(tx, listed, arrived, decision.active === 'known' ? known.term : undefined)
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

/** Gives a room that is new here its place among those of its conversation. */
const place = async (
  tx: StoreWriter,
  conversation: ConversationRecord,
  arrived: RoomRecord,
  before?: number,
): Promise<void> => {
  const taken = await termsOf(tx, conversation, arrived.id)
  const past = await pastTerm(tx, arrived.id)
  // What was said there before this device came keeps its place, and so does what follows.
  const term = past === undefined || taken.includes(past) ? placeRoom(taken, before) : past
  tx.put('rooms', { key: arrived.id, scope: 'all', position: arrived.ordinal, value: { ...arrived, term } })
}

/** A room of a direct message that goes on, besides the named one. */
export const openRoom = async (
  tx: StoreReader,
  rooms: readonly string[],
  except: string,
): Promise<RoomRecord | undefined> => {
  for (const id of rooms) {
    const record = id === except ? undefined : await tx.get<RoomRecord>('rooms', id)
    if (record?.state === 'open') return record
  }
  return undefined
}

/** The places that the other rooms of a direct message have, those that are known from the past alone included. */
export const termsOf = async (
  tx: StoreReader,
  { id, rooms }: Pick<ConversationRecord, 'id' | 'rooms'>,
  except: string,
): Promise<readonly number[]> => {
  const others = rooms.filter((room) => room !== except)
  const records = await Promise.all(others.map((room) => tx.get<RoomRecord>('rooms', room)))
  const past = (await pastTerms(tx, id)).filter(({ room }) => room !== except)
  return [...records.flatMap((record) => (record === undefined ? [] : [record.term])), ...past.map(({ term }) => term)]
}

const queueClose = async (tx: StoreWriter, core: Core, loser: RoomRecord, winner: RoomRecord): Promise<void> => {
  await putControlIntent(tx, core, loser.id, { kind: 'close', winner: winner.topic })
}
