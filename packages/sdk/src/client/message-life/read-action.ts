import { applyAction, type MessageAction } from '../../domain/messages/life.ts'
import { isUnsent } from '../../domain/messages/place.ts'
import { moderates } from '../../domain/rooms/permissions.ts'
import type { StoreWriter } from '../../domain/store/store.ts'
import type { WireAction } from '../../protocol/content/read.ts'
import type { Snapshot } from '../../protocol/messages/snapshot.ts'
import type { PressAnswer } from '../../records/content.ts'
import type { Address, ConversationId, MessageId } from '../../records/ids.ts'
import type { ActionIntent, ActRecord, MessageRecord } from '../records.ts'
import { actOf } from './acts.ts'
import { dropUntried } from './pending.ts'
import { dropRefs, type FoundMessage, findMessage, getRef, putMessage, putRef } from './rows.ts'

/** An action at its place in the topic, its author proven. */
export interface ArrivedAction {
  readonly id: MessageId
  readonly from: Address
  readonly self: Address
  readonly action: WireAction
  /** For a press or an answer. */
  readonly press?: PutPress
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
  /** What it names is not here. */
  readonly isAstray?: true
  readonly changed?: MessageRecord
  /** What it was to somebody who listens. */
  readonly act?: ActRecord
  /** An own press was answered. */
  readonly answered?: { readonly press: MessageId; readonly message: MessageId; readonly answer: PressAnswer }
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
  if (found === undefined) return { isAstray: true }
  if (found.message.conversation !== conversation || isUnsent(found.message.place)) return {}
  const { message, ref } = found
  if (action.type === 'press' || action.type === 'answer') return (await arrived.press?.(tx, arrived, found)) ?? {}
  const what = meant({ ...arrived, action }, message, ref)
  if (typeof what === 'string') return { refused: what }
  const next = applyAction(message, what)
  if (typeof next === 'string') return { refused: next }
  const emoji = what.type === 'react' || what.type === 'unreact' ? { emoji: what.emoji } : {}
  await putRef(tx, id, { target: message.id, from, type: action.type, ...emoji })
  if (next === message) return {}
  putMessage(tx, next)
  const dropped = next.content.type === 'deleted' ? await forgetWords(tx, arrived.room, next.id) : []
  return { changed: next, act: { id: message.id, by: from, at: arrived.at, ...actOf(what) }, dropped }
}

export type PressAction = Extract<WireAction, { type: 'press' | 'answer' }>
/** What changes the message itself. */
type Lasting = Exclude<WireAction, PressAction>
/** Reads a press or an answer, in the transaction of the entry. */
export type PutPress = (tx: StoreWriter, arrived: ArrivedAction, found: FoundMessage) => Promise<Outcome>

/** What the content means for the message: the target decides whether a retraction deletes or takes back. */
const meant = (
  { id, from, at, action, snapshot }: ArrivedAction & { readonly action: Lasting },
  message: MessageRecord,
  ref: FoundMessage['ref'],
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
