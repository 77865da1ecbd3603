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
type Kind = Pick<Snapshot, 'kind'>

/** Where a side of the conversation that does not stand is left for another. */
export interface SideTerms {
  /** Of the last topic of both sides. */
  readonly shared: number
  /** Of the one to which the room goes. */
  readonly next: number
}

/** A direct message's rooms have terms of their own, and so have channels. */
export const termOn = ({ kind }: Kind, { term }: Pick<RoomRecord, 'term'>, { next }: SideTerms): number =>
  kind === 'dm' || kind === 'channel' ? term : next

/**
 * The topics behind the `shared` one are a side of the conversation that does not stand: what was said there comes
 * behind that one, and steps of offers count from where they are said again (hubs.md). Resolves to what tells of it, to be called
 * once it is stored.
 */
export const leaveSide = async (
  tx: StoreWriter,
  { updates, events }: Pick<Core, 'updates' | 'events'>,
  left: Left,
  { kind }: Kind,
  shared: number,
): Promise<() => void> => {
  // What is said in a channel is shown elsewhere.
  if (kind === 'channel') return () => undefined
  const { moved, dropped } = await putAside(tx, left, kind, shared)
  const begin = kind === 'dm' ? left.term : shared + 1
  const after = placeInRoom({ kind, term: shared + 1 }, begin, 0) - 1
  await takeBack(tx, left.id, { after, until: unsentPlace(0), isMissed: true })
  return () => {
    for (const message of moved) updates.emit(toMessage(message))
    const messages = dropped.map(({ id: message }) => message)
    if (messages.length > 0) events.emit({ type: 'expired', conversation: left.conversation, messages })
  }
}

interface LeftSide {
  readonly record: RoomRecord
  readonly tell: () => void
}

/** A room that is open in a topic where nobody else is goes to one of `term`. */
export const leaveTopic = async (
  tx: StoreWriter,
  core: Pick<Core, 'updates' | 'events'>,
  record: RoomRecord,
  term: number,
): Promise<LeftSide> => {
  const next = withoutTopic(record)
  const control = await getControl(tx, record.id)
  if (control === undefined) return { record: next, tell: () => undefined }
  const { snapshot } = control
  const terms = { shared: term - 1, next: term }
  const tell = await leaveSide(tx, core, record, snapshot, terms.shared)
  return { record: { ...next, term: termOn(snapshot, record, terms) }, tell }
}

/** A room that had asked to be let in on another side is: until then, it might have gone back. */
export const endSide = async (
  tx: StoreWriter,
  core: Pick<Core, 'updates' | 'events'>,
  record: RoomRecord,
  snapshot: Kind,
): Promise<LeftSide | undefined> => {
  const { sharedTerm, ...next } = record
  return sharedTerm === undefined
    ? undefined
    : { record: next, tell: await leaveSide(tx, core, record, snapshot, sharedTerm) }
}
