import { applyAction, type MessageAction, type ReactionMark } from '../../domain/messages/life.ts'
import { isUnsent } from '../../domain/messages/place.ts'
import { moderates } from '../../domain/rooms/permissions.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { DchatError } from '../../errors.ts'
import { type ContentFrame, composeEdit, composeReaction, composeRetraction } from '../../protocol/content/compose.ts'
import { encodeKeyboard } from '../../protocol/content/keyboard.ts'
import { messageIdOf, messageIdText } from '../../protocol/content/message-id.ts'
import { ANSWER_LIMIT, composeAnswer, composePress } from '../../protocol/content/press.ts'
import { hashOf } from '../../protocol/wire/cbor.ts'
import type { PressAnswer, SendableContent } from '../../records/content.ts'
import type { Address, MessageId } from '../../records/ids.ts'
import type { Action, Message } from '../../records/message.ts'
import { toHex } from '../../util/bytes.ts'
import type { ActOptions } from '../client.ts'
import { checkClientId, madeWith, rememberMade } from '../client-ids.ts'
import { getConversation, reserveRoom } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { contentFrame, putIntent } from '../intents.ts'
import { toMessage } from '../message-view.ts'
import { toWriteIn } from '../people/decide.ts'
import type { ActionIntent, ConversationRecord, IntentRecord, MessageRecord } from '../records.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { getControl } from '../rooms/session.ts'
import { withoutMessages } from './last.ts'
import { needless } from './outcome.ts'
import { dropUntried, pendingOf } from './pending.ts'
import { hasButton } from './press.ts'
import { sendable, textOf } from './queue.ts'
import { dropUnsent } from './retry.ts'
import { type FoundMessage, findMessage, getMessage, getRef } from './rows.ts'
import { actionStands } from './wait.ts'

/** What one action needs, worked out inside the transaction that stores it; `done`: it is there already. */
type Plan =
  | { readonly done: Action | undefined }
  | {
      /** What it does to the message, which decides whether it may be; absent where it does nothing to it. */
      readonly check?: MessageAction
      readonly type: ActionIntent['type']
      readonly emoji?: string
      readonly compose: (frame: ContentFrame) => Uint8Array
    }

interface Queued {
  readonly action: Action | undefined
  /** It does not stand yet. */
  readonly waits: boolean
  readonly room?: string
}

interface Planning extends Pick<FoundMessage, 'ref'> {
  readonly tx: StoreReader
  /** The message as it will be when what this device has queued has been read. */
  readonly message: MessageRecord
  readonly conversation: ConversationRecord
}

/**
 * Own actions on messages. Each is a durable intent like a message, is sent in order with them, and does what it does
 * when it is read back at its place in the topic (messages.md).
 */
export class MessageActs {
  readonly #core: Core
  readonly #rooms: Rooms

  constructor(core: Core, rooms: Rooms) {
    this.#core = core
    this.#rooms = rooms
  }

  async react(id: MessageId, emoji: string, options: ActOptions): Promise<Action> {
    const from = this.#core.self.address
    const action = await this.#act(id, options, ['react', emoji], ({ message }) => {
      const mark = ownMark(message, from, emoji)
      if (mark !== undefined) return { done: { id: mark.id, target: message.id } }
      const check = { type: 'react', id: message.id, from, emoji } as const
      return { check, type: 'react', emoji, compose: (frame) => composeReaction(message.id, emoji, frame) }
    })
    return action as Action
  }

  unreact(id: MessageId, emoji: string, options: ActOptions): Promise<Action | undefined> {
    const from = this.#core.self.address
    return this.#act(id, options, ['unreact', emoji], ({ message }) => {
      const mark = ownMark(message, from, emoji)
      if (mark === undefined) return { done: undefined }
      const check = { type: 'unreact', from, emoji } as const
      return { check, type: 'unreact', emoji, compose: (frame) => composeRetraction(mark.id, frame) }
    })
  }

  async edit(id: MessageId, given: string | SendableContent, options: ActOptions): Promise<Action> {
    const { self, clock } = this.#core
    const content = sendable(given)
    const buttons = content.keyboard === undefined ? [] : [toHex(encodeKeyboard(content, content.keyboard))]
    const action = await this.#act(id, options, ['edit', content.type, textOf(content), ...buttons], ({ message }) => {
      const check = { type: 'edit', from: self.address, at: clock.now(), content } as const
      const replyTo = 'replyTo' in message.content ? message.content.replyTo : undefined
      const { replyTo: _, ...words } = content
      const full: SendableContent = replyTo === undefined ? words : { ...words, replyTo }
      return { check, type: 'edit', compose: (frame) => composeEdit(message.id, full, frame) }
    })
    return action as Action
  }

  async press(id: MessageId, callback: string, options: ActOptions): Promise<Action> {
    const action = await this.#act(id, options, ['press', callback], ({ message }) => {
      if (message.own || !hasButton(message, callback))
        throw new DchatError('message/not-permitted', { reason: 'it has no such button' })
      return { type: 'press', compose: (frame) => composePress(message.id, callback, frame) }
    })
    return action as Action
  }

  async answerPress(press: MessageId, answer: PressAnswer, options: ActOptions): Promise<Action> {
    if (answer.text.length > ANSWER_LIMIT)
      throw new DchatError('usage/invalid-argument', {
        name: 'text',
        reason: `it has at most ${ANSWER_LIMIT} characters`,
      })
    const action = await this.#act(press, options, ['answer', answer.text, `${answer.alert}`], ({ message, ref }) => {
      if (ref?.type !== 'press' || !message.own) throw new DchatError('message/unknown', { messageId: press })
      return { type: 'answer', compose: (frame) => composeAnswer(press, answer, frame) }
    })
    return action as Action
  }

  async delete(id: MessageId, options: ActOptions): Promise<Action> {
    const words = ['delete']
    const dropped = await this.#drop(id, options.clientId, words)
    if (dropped !== undefined) return dropped
    const from = this.#core.self.address
    const action = await this.#act(id, options, words, async ({ tx, message, conversation }) => {
      if (message.content.type === 'deleted')
        throw new DchatError('message/not-permitted', { reason: 'it is deleted already' })
      const control = conversation.active === undefined ? undefined : await getControl(tx, conversation.active)
      const check = {
        type: 'delete',
        from,
        moderates: control !== undefined && moderates(control.snapshot, from, message.from),
      } as const
      return { check, type: 'delete', compose: (frame) => composeRetraction(message.id, frame) }
    })
    return action as Action
  }

  async #act(
    id: MessageId,
    options: ActOptions,
    words: readonly string[],
    plan: (planning: Planning) => Plan | Promise<Plan>,
  ): Promise<Action | undefined> {
    options.signal?.throwIfAborted()
    const { clientId } = options
    checkClientId(clientId)
    const fingerprint = fingerprintOf(id, words)
    const { store } = this.#core
    const waiting = options.wait === undefined ? undefined : actionStands(this.#core, options)
    try {
      const { action, waits, room } = await store.write(async (tx) => {
        const made = await madeWith(tx, clientId, fingerprint)
        if (made !== undefined) return repeated(tx, id, made as MessageId)
        const queued = await this.#queue(tx, id, plan)
        if (queued.waits && queued.action !== undefined) rememberMade(tx, clientId, queued.action.id, fingerprint)
        return queued
      })
      if (room !== undefined) this.#rooms.get(room)?.outgoing.open()
      if (action !== undefined && waits) await waiting?.until(action.id)
      return action
    } finally {
      await waiting?.stop()
    }
  }

  async #queue(tx: StoreWriter, id: MessageId, plan: (planning: Planning) => Plan | Promise<Plan>): Promise<Queued> {
    const core = this.#core
    const found = await findMessage(tx, id)
    const type = found?.ref?.type ?? 'edit'
    if (found === undefined || (type !== 'edit' && type !== 'press'))
      throw new DchatError('message/unknown', { messageId: id })
    if (found.message.state === 'failed')
      throw new DchatError('message/not-permitted', { reason: 'it could not be sent' })
    const conversation = await reserveRoom(tx, core, await toWriteIn(tx, core, found.message.conversation), [])
    const room = conversation.active
    const pending = await pendingOf(tx, room, found.message.id)
    const message = afterAll(found.message, pending, core.self.address)
    const planned = await plan({ tx, message, conversation, ...(found.ref && { ref: found.ref }) })
    // Nothing but an answer is said to a press.
    if (type === 'press' && (!('type' in planned) || planned.type !== 'answer'))
      throw new DchatError('message/unknown', { messageId: id })
    if ('done' in planned)
      return { action: planned.done, waits: pending.some((each) => each.id === planned.done?.id), room }
    const verdict = planned.check === undefined ? message : applyAction(message, planned.check)
    if (typeof verdict === 'string') throw new DchatError('message/not-permitted', { reason: verdict })
    const frame = contentFrame(core, room)
    const bytes = planned.compose(frame)
    const action: ActionIntent = {
      id: messageIdText(messageIdOf({ ...frame, content: bytes })),
      target: message.id,
      type: planned.type,
      ...(planned.emoji === undefined ? {} : { emoji: planned.emoji }),
    }
    await putIntent(tx, core, room, bytes, { action })
    return { action: { id: action.id, target: action.target }, waits: true, room }
  }

  /** A message that never left is dropped instead, under the lock of whoever would send it. */
  async #drop(id: MessageId, clientId: string | undefined, words: readonly string[]): Promise<Action | undefined> {
    checkClientId(clientId)
    const { store, updates, acted } = this.#core
    const known = await store.read((tx) => getMessage(tx, id))
    if (known === undefined || !known.own || !isUnsent(known.place)) return undefined
    const drop = () =>
      store.write(async (tx) => {
        const dropped = await dropIfUnsent(tx, id)
        if (dropped !== undefined) rememberMade(tx, clientId, id, fingerprintOf(id, words))
        return dropped
      })
    const session = this.#rooms.get(known.room)
    const gone = await (session === undefined ? drop() : session.lock.run(drop))
    if (gone === undefined) return undefined
    const view: Message = toMessage({ ...gone.message, content: { type: 'deleted', by: gone.message.from } })
    updates.emit(view)
    for (const { id: action } of gone.dropped) acted.emit({ id: action, failure: needless() })
    return { id, target: id }
  }
}

/** What was asked for, that a repetition is known by. */
const fingerprintOf = (id: MessageId, words: readonly string[]): Uint8Array => hashOf('client-id', [id, ...words])

/** The action that was made with the same key before; a message that never left was dropped under its own id. */
const repeated = async (tx: StoreReader, id: MessageId, made: MessageId): Promise<Queued> => {
  if (made === id) return { action: { id, target: id }, waits: false }
  const found = await findMessage(tx, id)
  const target = found?.message.id ?? id
  const conversation = found === undefined ? undefined : await getConversation(tx, found.message.conversation)
  const room = conversation?.active
  const pending = room === undefined ? [] : await pendingOf(tx, room, target)
  const waits = pending.some((each) => each.id === made)
  if (!waits && (await getRef(tx, made)) === undefined)
    throw new DchatError('message/not-permitted', { reason: 'it was refused where it was read' })
  return { action: { id: made, target }, waits, ...(room === undefined ? {} : { room }) }
}

const ownMark = ({ reactions }: MessageRecord, from: Address, emoji: string): ReactionMark | undefined =>
  reactions?.find((mark) => mark.from === from && mark.emoji === emoji)

/** The message as those actions will leave it, so that none is queued twice or against another. */
const afterAll = (message: MessageRecord, actions: readonly ActionIntent[], from: Address): MessageRecord =>
  actions.reduce((state, action) => {
    const does = expected(action, from)
    const next = does === undefined ? state : applyAction(state, does)
    return typeof next === 'string' ? state : next
  }, message)

/** What a queued action will do as far as the next one depends on it: the words of an edit do not matter. */
const expected = ({ id, type, emoji = '' }: ActionIntent, from: Address): MessageAction | undefined => {
  switch (type) {
    case 'react':
      return { type, id, from, emoji }
    case 'unreact':
      return { type, from, emoji }
    case 'edit':
      return { type, from, at: 0 }
    case 'delete':
      return { type, from, moderates: true }
    default:
      return undefined
  }
}

const dropIfUnsent = async (tx: StoreWriter, id: MessageId) => {
  const message = await getMessage(tx, id)
  if (message === undefined || !isUnsent(message.place)) return undefined
  const intent = message.intent === undefined ? undefined : await tx.get<IntentRecord>('outbox', message.intent)
  // What was tried may stand in the topic already: only a deletion takes that back.
  if (message.state !== 'failed' && intent !== undefined && intent.tried.length > 0) return undefined
  await dropUnsent(tx, message)
  const dropped = await dropUntried(tx, message.room, id)
  await withoutMessages(tx, [message])
  return { message, dropped }
}
