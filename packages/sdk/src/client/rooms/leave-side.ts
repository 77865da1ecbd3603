import { placeInRoom, unsentPlace } from '../../domain/messages/place.ts'
import type { StoreWriter } from '../../domain/store/store.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Core } from '../core.ts'
import { putAside } from '../message-life/place-message.ts'
import { toMessage } from '../message-view.ts'
import { takeBack } from '../offers/place-step.ts'
import type { RoomRecord } from '../records.ts'
import { withoutTopic } from './move-room.ts'
import { getControl } from './session.ts'

type Left = Pick<RoomRecord, 'id' | 'conversation' | 'term'>

interface Terms {
  /** Of the last topic that both sides share. */
  readonly last: number
  /** Of the one to which the room goes. */
  readonly next: number
}

/**
 * The topics behind the `last` one that is shared are a side of the conversation that does not stand: what was said there comes
 * behind that one, steps of offers count from where they are said again, and terms count from there, as the others count them
 * (hubs.md). Resolves to the room's next term and to what tells of it, to be called once it is stored.
 */
export const leaveSide = async (
  tx: StoreWriter,
  { updates, events }: Pick<Core, 'updates' | 'events'>,
  left: Left,
  { kind }: Pick<Snapshot, 'kind'>,
  terms: Terms,
): Promise<{ readonly term: number; readonly tell: () => void }> => {
  // A channel's terms are its own, and what is said in it is shown elsewhere.
  if (kind === 'channel') return { term: left.term, tell: () => undefined }
  const { last } = terms
  const { moved, dropped } = await putAside(tx, left, kind, last)
  const begin = kind === 'dm' ? left.term : last + 1
  const after = placeInRoom({ kind, term: last + 1 }, begin, 0) - 1
  await takeBack(tx, left.id, { after, until: unsentPlace(0), isMissed: true })
  const tell = () => {
    for (const message of moved) updates.emit(toMessage(message))
    const messages = dropped.map(({ id: message }) => message)
    if (messages.length > 0) events.emit({ type: 'expired', conversation: left.conversation, messages })
  }
  return { term: kind === 'dm' ? left.term : terms.next, tell }
}

/** A room that is open in a topic where nobody else is goes to one of `term`. */
export const leaveTopic = async (
  tx: StoreWriter,
  core: Pick<Core, 'updates' | 'events'>,
  record: RoomRecord,
  term: number,
): Promise<{ readonly record: RoomRecord; readonly tell: () => void }> => {
  const next = withoutTopic(record)
  const control = await getControl(tx, record.id)
  if (control === undefined) return { record: next, tell: () => undefined }
  const left = await leaveSide(tx, core, record, control.snapshot, { last: term - 1, next: term })
  return { record: { ...next, term: left.term }, tell: left.tell }
}
