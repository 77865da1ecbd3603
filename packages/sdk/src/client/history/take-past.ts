import { placeOf } from '../../domain/messages/place.ts'
import type { StoreWriter } from '../../domain/store/store.ts'
import type { PastMessage, PastRoom } from '../../protocol/history/message.ts'
import { MARKS_KEPT } from '../../protocol/history/message-codec.ts'
import type { ConversationId } from '../../records/ids.ts'
import { dmId, getConversation, groupId, putConversation } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { putExpiry } from '../message-life/expiry.ts'
import { lastOf } from '../message-life/last.ts'
import { beside } from '../message-life/place-message.ts'
import { dropRefs, getMessage, getRef, putMessage, putRef, refsOf } from '../message-life/rows.ts'
import type { ConversationRecord, MessageRecord, RoomRecord } from '../records.ts'
import { getControl } from '../rooms/session.ts'
import { noticeId } from '../rooms/store-effects.ts'
import type { ArrivalRecord } from './chain.ts'
import { noteToGive } from './changed.ts'
import { mergePast } from './merge-past.ts'
import { termHere } from './terms.ts'

/** Conversations of the past stand below all that are alive, in the order in which their newest messages come. */
const BELOW = -(2 ** 40)
const PAST = 'past'
const PAST_CONVERSATIONS = 'past-conversations'

/** Where it comes from: what another chain keeps is not kept again by this device. */
export type PastSource = 'archive' | 'device'

/**
 * Takes messages of the past into the store, in the caller's transaction; newest first. Ids, authors and places stay. They
 * are read, they are nothing new in any stream, and what is known already is passed over or brought up to date. Gives how
 * many were not known.
 */
export const takePast = async (
  tx: StoreWriter,
  core: Core,
  messages: readonly PastMessage[],
  source: PastSource,
): Promise<number> => {
  const taking = new Taking(tx, core, source, (await tx.get<number>('meta', PAST)) ?? 0)
  for (const message of messages) await taking.take(message)
  tx.put('meta', { key: PAST, value: taking.lowest })
  return taking.added
}

class Taking {
  lowest: number
  added = 0
  readonly #tx: StoreWriter
  readonly #core: Core
  readonly #source: PastSource
  readonly #rooms = new Map<string, { readonly conversation: ConversationId; readonly pins: readonly string[] }>()

  constructor(tx: StoreWriter, core: Core, source: PastSource, lowest: number) {
    this.#tx = tx
    this.#core = core
    this.#source = source
    this.lowest = lowest
  }

  async take(past: PastMessage): Promise<void> {
    const { clock } = this.#core
    if (past.expiresAt !== undefined && past.expiresAt <= clock.now()) return
    const known = await getMessage(this.#tx, past.id)
    if (known !== undefined) return this.#bringUpToDate(known, past)
    const room = await this.#room(past.room)
    const term = await termHere(this.#tx, room.conversation, past)
    const record = this.#recordOf(past, room, placeOf(term, past.seq))
    if (record.id !== past.id && (await getMessage(this.#tx, record.id)) !== undefined) return
    const placed = await beside(this.#tx, record)
    if (placed === undefined) this.#core.log.warn('history dropped', { code: 'place' })
    else await this.#store(placed, past)
  }

  #recordOf(
    past: PastMessage,
    room: { conversation: ConversationId; pins: readonly string[] },
    place: number,
  ): MessageRecord {
    const {
      room: { id: roomId },
      term: _,
      seq: __,
      state,
      actions: ___,
      ...words
    } = past
    const own = past.from === this.#core.self.address
    return {
      ...words,
      // A notice is named by its place, which in a direct message is each device's own.
      id: past.content.type === 'notice' ? noticeId(roomId, place) : past.id,
      conversation: room.conversation,
      room: roomId,
      own,
      place,
      state: own ? state : 'read',
      arrival: this.lowest - 1,
      ...(room.pins.includes(past.id) ? { pinned: true as const } : {}),
    }
  }

  async #store(record: MessageRecord, { actions = [] }: PastMessage): Promise<void> {
    const arrival = record.arrival as number
    const kept = this.#source === 'archive' ? { kept: true as const } : {}
    const value: ArrivalRecord = { id: record.id, ...kept }
    putMessage(this.#tx, record)
    this.#tx.put('arrivals', { key: `${arrival}`, scope: 'all', position: arrival, value })
    for (const { id, ...action } of actions) await putRef(this.#tx, id, { ...action, target: record.id })
    await putExpiry(this.#tx, record)
    await this.#show(record)
    this.lowest = arrival
    this.added += 1
  }

  /** Another own device may know what was done to it while this one could not see it. */
  async #bringUpToDate(known: MessageRecord, past: PastMessage): Promise<void> {
    const next = mergePast(known, await refsOf(this.#tx, known.id, MARKS_KEPT), past)
    if (next === known) return
    putMessage(this.#tx, next)
    await noteToGive(this.#tx, known.id, await nextArrival(this.#tx))
    if (next.content.type === 'deleted') await dropRefs(this.#tx, known.id, 'react')
    for (const { id, ...action } of past.actions ?? [])
      if ((await getRef(this.#tx, id)) === undefined) await putRef(this.#tx, id, { ...action, target: known.id })
    const conversation = await getConversation(this.#tx, known.conversation)
    if (conversation?.last?.id === known.id) await putConversation(this.#tx, { ...conversation, last: lastOf(next) })
  }

  /** The newest message of a conversation that had none is its last one. */
  async #show(message: MessageRecord): Promise<void> {
    const conversation = await getConversation(this.#tx, message.conversation)
    if (conversation === undefined || (conversation.last?.place ?? -1) >= message.place) return
    const isFirst = conversation.last === undefined && conversation.unread === 0
    const activity = isFirst ? await nextBelow(this.#tx) : conversation.activity
    await putConversation(this.#tx, { ...conversation, activity, last: lastOf(message) })
  }

  async #room(past: PastRoom) {
    const known = this.#rooms.get(past.id)
    if (known !== undefined) return known
    const record = await this.#tx.get<RoomRecord>('rooms', past.id)
    const conversation = record?.conversation ?? (await this.#conversation(past))
    const pins = record === undefined ? [] : ((await getControl(this.#tx, past.id))?.snapshot.pins ?? [])
    const found = { conversation, pins }
    this.#rooms.set(past.id, found)
    return found
  }

  /** Shown although this device never was in it: there to be read. */
  async #conversation({ id, peer, name }: PastRoom): Promise<ConversationId> {
    const { self, clock } = this.#core
    const conversation = peer === undefined ? groupId(id) : dmId(self.address, peer)
    if ((await getConversation(this.#tx, conversation)) !== undefined) return conversation
    const kind = peer === undefined ? { kind: 'group' as const, name: name ?? '' } : { kind: 'dm' as const, peer }
    const activity = await nextBelow(this.#tx)
    const record: ConversationRecord = {
      id: conversation,
      ...kind,
      createdAt: clock.now(),
      rooms: [],
      unread: 0,
      activity,
      readPlace: -1,
    }
    await putConversation(this.#tx, record)
    return conversation
  }
}

const nextBelow = async (tx: StoreWriter): Promise<number> => {
  const next = ((await tx.get<number>('meta', PAST_CONVERSATIONS)) ?? 0) + 1
  tx.put('meta', { key: PAST_CONVERSATIONS, value: next })
  return BELOW - next
}

const nextArrival = async (tx: StoreWriter): Promise<number> => {
  const next = ((await tx.get<number>('meta', 'arrivals')) ?? 0) + 1
  tx.put('meta', { key: 'arrivals', value: next })
  return next
}
