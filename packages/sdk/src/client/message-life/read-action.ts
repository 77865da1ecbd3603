import { applyAction, type MessageAction } from '../../domain/messages/life.ts'
import { isUnsent } from '../../domain/messages/place.ts'
import { moderates } from '../../domain/rooms/permissions.ts'
import type { StoreWriter } from '../../domain/store/store.ts'
import type { WireAction } from '../../protocol/content/read.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { Address, ConversationId, MessageId } from '../../records/ids.ts'
import type { ActionIntent, MessageRecord, RefRecord } from '../records.ts'
import { dropUntried } from './pending.ts'
import { dropRefs, findMessage, getRef, putMessage, putRef } from './rows.ts'

/** An action at its place in the topic, its author proven. */
export interface ArrivedAction {
  readonly id: MessageId
  readonly from: Address
  readonly action: WireAction
  /** Accepted time, ms since 1970. */
  readonly at: number
  readonly conversation: ConversationId
  /** The control state at its place. */
  readonly snapshot: Snapshot
  /** Where own actions wait that a deletion makes needless. */
  readonly room: string
}

/** What an action did: the message that it changed, or why it counts for nobody; neither where it changes nothing. */
export interface Outcome {
  readonly changed?: MessageRecord
  readonly refused?: string
  /** Own actions that were waiting and are needless now. */
  readonly dropped?: readonly ActionIntent[]
}

/**
 * Applies an action in the order of the topic (messages.md). A repetition changes nothing, and so does an action on a
 * message that this device does not have. The answer depends on nothing but what stands in the topic.
 */
export const readAction = async (tx: StoreWriter, arrived: ArrivedAction): Promise<Outcome> => {
  const { id, from, action, conversation } = arrived
  if ((await getRef(tx, id)) !== undefined) return {}
  const found = await findMessage(tx, action.target)
  if (found === undefined || found.message.conversation !== conversation || isUnsent(found.message.place)) return {}
  const { message, ref } = found
  const what = meant(arrived, message, ref)
  if (typeof what === 'string') return { refused: what }
  const next = applyAction(message, what)
  if (typeof next === 'string') return { refused: next }
  const emoji = action.type === 'react' ? { emoji: action.emoji } : {}
  await putRef(tx, id, { target: message.id, from, type: action.type, ...emoji })
  if (next === message) return {}
  putMessage(tx, next)
  return { changed: next, dropped: next.content.type === 'deleted' ? await forgetWords(tx, arrived.room, next.id) : [] }
}

/** What the content means for the message: the target decides whether a retraction deletes or takes back. */
const meant = (
  { id, from, at, action, snapshot }: ArrivedAction,
  message: MessageRecord,
  ref: RefRecord | undefined,
): MessageAction | string => {
  if (action.type === 'retract' && ref?.type === 'react') {
    if (ref.from !== from) return 'a reaction is taken back by whom it is from'
    return { type: 'unreact', from, emoji: ref.emoji as string }
  }
  if (ref !== undefined && ref.type !== 'edit') return 'it names no message'
  switch (action.type) {
    case 'react':
      return { type: 'react', id, from, emoji: action.emoji }
    case 'edit':
      return { type: 'edit', from, at, ...(action.content === undefined ? {} : { content: action.content }) }
    case 'retract':
      return { type: 'delete', from, moderates: moderates(snapshot, from, message.from) }
  }
}

/** What was said about a deleted message goes with it: reactions, and own edits that wait to be sent. */
const forgetWords = async (tx: StoreWriter, room: string, target: MessageId): Promise<readonly ActionIntent[]> => {
  await dropRefs(tx, target, 'react')
  return dropUntried(tx, room, target, (type) => type === 'edit')
}
