import { unsentPlace } from '../../domain/messages/place.ts'
import { decide } from '../../domain/offers/decide.ts'
import type { OfferThread } from '../../domain/offers/thread.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import { composeOffer } from '../../protocol/content/compose-offer.ts'
import { messageIdOf, messageIdText } from '../../protocol/content/message-id.ts'
import {
  decodeSignedOffer,
  encodeSignedOffer,
  type OfferDraft,
  type SignedOfferEvent,
} from '../../protocol/offers/event.ts'
import { signOffer } from '../../protocol/offers/sign.ts'
import { type CborValue, hashOf } from '../../protocol/wire/cbor.ts'
import type { Address, ConversationId, MessageId } from '../../records/ids.ts'
import type { OfferEvent, OfferEventType, OfferThreadId } from '../../records/offer.ts'
import { toHex } from '../../util/bytes.ts'
import type { OfferAct, OfferOptions, OfferStep } from '../api/offers.ts'
import { checkClientId, madeWith, rememberMade } from '../client-ids.ts'
import { getConversation, putConversation, reserveRoom } from '../conversation-store.ts'
import type { Core } from '../core.ts'
import { contentFrame, putIntent } from '../intents.ts'
import { guardStock } from '../listings/guard.ts'
import { listingWith } from '../listings/shown.ts'
import { lastOf } from '../message-life/last.ts'
import { getMessage, putMessage } from '../message-life/rows.ts'
import { messageReaches } from '../message-life/wait.ts'
import { toMessage } from '../message-view.ts'
import type { ConversationRecord, MessageRecord, RoomRecord } from '../records.ts'
import type { Rooms } from '../rooms/rooms.ts'
import { refusalOf, unknownOffer } from './failures.ts'
import { timeAt } from './hub-clock.ts'
import { contentOf } from './place-step.ts'
import { type Plan, planProposal, planStep, type StockNotice } from './plan.ts'
import { findThread, getEvent, getThread, isWhole, putThread } from './rows.ts'
import { readState } from './state.ts'

/** How often a step is planned again because something arrived between looking and writing. */
const ROUNDS = 16

interface Looked {
  readonly thread: OfferThreadId
  readonly conversation: ConversationId
  readonly expected: OfferThread | undefined
  readonly plan: Plan
  /** What the step was planned on: if it is another when the step is written, it is planned again. */
  readonly mark: string
}

type Act = OfferAct | StockNotice

/** What a step brings with it. */
export interface StepExtras {
  /** What is signed, where the caller left something to others: the key of the caller stays that of its own words. */
  readonly signed?: Act
  /** Written with the step, or not at all. */
  readonly also?: (tx: StoreWriter, event: OfferEvent) => Promise<void>
}

/** One step: decided here, durable when it resolves, judged by everybody at its place. */
export const actOnOffer = async (
  core: Core,
  rooms: Rooms,
  act: Act,
  options: OfferOptions,
  extras: StepExtras = {},
): Promise<OfferStep> => {
  const step = (await madeStep(core, act, options)) ?? (await makeStep(core, rooms, act, options, extras))
  if (options.wait !== undefined) await stands(core, step, options)
  return step
}

/** The step that the same words with the same key have made before. */
export const madeStep = async (core: Core, act: Act, options: OfferOptions): Promise<OfferStep | undefined> => {
  options.signal?.throwIfAborted()
  checkClientId(options.clientId)
  const fingerprint = fingerprintOf(act, options)
  const known = await core.store.read((tx) => madeWith(tx, options.clientId, fingerprint))
  return known === undefined ? undefined : stepOf(core, known)
}

/** What a step would be made on, now. Throws why it would count for nobody. */
export const tryStep = async (core: Core, act: OfferAct, options: OfferOptions): Promise<TriedStep> => {
  const { now, looked, signed } = await prepared(core, act, options, '')
  return { now, expected: looked.expected, event: signed.event }
}

export interface TriedStep {
  /** ms since 1970, by the relay's clock; no later than it is, where the relay cannot be asked. */
  readonly now: number
  readonly expected: OfferThread | undefined
  readonly event: OfferEvent
}

const fingerprintOf = (act: Act, { head, deal, reason }: OfferOptions): Uint8Array =>
  hashOf('client-id', ['offer', JSON.stringify([act, head ?? null, deal ?? null, reason ?? null])] satisfies CborValue)

/** The step that was made with the same key before. */
const stepOf = async (core: Core, id: string): Promise<OfferStep> => {
  const message = await core.store.read((tx) => getMessage(tx, id as MessageId))
  if (message?.content.type !== 'offer') throw new DchatError('message/unknown', { messageId: id })
  const { offer, event, step } = message.content
  return { offer, event, type: step as OfferEventType, message: message.id }
}

/** As it would be made now; `fresh`: the id of a new thread. */
const prepared = async (core: Core, act: Act, options: OfferOptions, fresh: OfferThreadId) => {
  const now = await timeOf(core, act)
  const looked = await core.store.read((tx) => look(tx, core, act, fresh, now, options))
  const signed = await sign(core, looked, act, options)
  judge(looked, signed, now)
  return { now, looked, signed }
}

const makeStep = async (
  core: Core,
  rooms: Rooms,
  given: Act,
  options: OfferOptions,
  { signed: act = given, also }: StepExtras,
): Promise<OfferStep> => {
  const fingerprint = fingerprintOf(given, options)
  const fresh = toHex(core.crypto.random(16))
  // Who only deals tells their name too.
  await core.profile.prepare(core)
  for (let round = 0; round < ROUNDS; round += 1) {
    const { now, looked, signed } = await prepared(core, act, options, fresh)
    const made = await core.store.write(async (tx) => {
      const again = await madeWith(tx, options.clientId, fingerprint)
      if (again !== undefined) return again
      const { mark } = await look(tx, core, act, fresh, now, options)
      if (mark !== looked.mark) return undefined
      await guardStock(tx, core, looked.expected, signed.event)
      const message = await putStep(tx, core, looked, signed, options.clientId)
      await also?.(tx, signed.event)
      rememberMade(tx, options.clientId, message.id, fingerprint)
      return message
    })
    if (typeof made === 'string') return stepOf(core, made)
    if (made === undefined) continue
    core.updates.emit(toMessage(made))
    rooms.get(made.room)?.outgoing.open()
    return { offer: looked.thread, event: signed.event.id, type: looked.plan.type as OfferEventType, message: made.id }
  }
  throw new DchatError('offer/refused', { offer: fresh, reason: 'too_many_requests' })
}

/** The time by which the step is judged here: the relay's, else the last one that it told. */
const timeOf = async (core: Core, act: Act): Promise<number> => {
  if (act.type === 'propose') return core.clock.now()
  const room = await core.store.read(async (tx) => {
    const row = await findThread(tx, act.offer)
    return row === undefined ? undefined : tx.get<RoomRecord>('rooms', row.room)
  })
  if (room === undefined) return 0
  // A clock that is wrong must not refuse what the relay would take: without its word only the past is certain.
  return Math.max(room.time, (await timeAt(core, room.hub)) ?? 0)
}

const look = async (
  tx: StoreReader,
  { self }: Core,
  act: Act,
  fresh: OfferThreadId,
  now: number,
  options: OfferOptions,
): Promise<Looked> => {
  if (act.type === 'propose') {
    const { conversation } = act
    const record = await getConversation(tx, conversation)
    if (record === undefined) throw new DchatError('conversation/unknown', { conversation })
    const peers: readonly Address[] = record.peer === undefined ? [] : [record.peer]
    return { thread: fresh, conversation, expected: undefined, plan: planProposal(act, peers), mark: '' }
  }
  const state = await readState(tx, act.offer, now)
  if (state?.expected === undefined) throw unknownOffer(act.offer)
  const { row, queued, expected } = state
  // Whoever missed a step cannot know what an answer would do.
  if (!isWhole(row, await tx.get<RoomRecord>('rooms', row.room)))
    throw new DchatError('offer/refused', { offer: row.id, reason: 'this device missed steps of it' })
  const plan = planStep(act, expected, self.address, options)
  return { thread: row.id, conversation: row.conversation, expected, plan, mark: `${row.changed}/${queued.length}` }
}

const sign = async (
  core: Core,
  { thread, conversation, plan }: Looked,
  act: Act,
  { reason }: OfferOptions,
): Promise<SignedOfferEvent> => {
  const { self, clock, crypto } = core
  const data = 'data' in act ? act.data : undefined
  const draft: OfferDraft = {
    ...plan,
    conversation,
    thread,
    author: self.address,
    device: toHex(self.record.deviceKey),
    at: Math.max(0, Math.round(clock.now())),
    ...(reason === undefined ? {} : { reason }),
    ...(data === undefined ? {} : { data }),
  }
  try {
    return await signOffer(crypto, self.record.seed, draft)
  } catch (cause) {
    if (!isDchatError(cause, 'protocol/malformed')) throw cause
    throw new DchatError('offer/bad-terms', { reason: cause.details.reason }, { cause })
  }
}

/** Throws why the step would count for nobody as things stand. */
const judge = ({ thread: offer, expected }: Looked, { event }: SignedOfferEvent, now: number): void => {
  const place = Number.MAX_SAFE_INTEGER
  const decision = decide(expected, { event, place, acceptedAt: now })
  if (decision.kind !== 'refused') return
  if (expected === undefined) throw new DchatError('offer/bad-terms', { reason: 'nobody could take them from you' })
  throw refusalOf(decision.reason, { offer, thread: expected, event, now, head: decision.head })
}

const putStep = async (
  tx: StoreWriter,
  core: Core,
  { thread, conversation: id, plan }: Looked,
  signed: SignedOfferEvent,
  clientId: string | undefined,
): Promise<MessageRecord> => {
  const { self, clock } = core
  const { event } = signed
  const found = await getConversation(tx, id)
  if (found === undefined) throw new DchatError('conversation/unknown', { conversation: id })
  const room = await roomOf(tx, core, found, thread, plan)
  const content = contentOf(event)
  const frame = contentFrame(core, room)
  const bytes = composeOffer(encodeSignedOffer(signed), content.summary, frame, await listingWith(tx, event))
  const messageId = messageIdText(messageIdOf({ ...frame, content: bytes }))
  await core.profile.putInto(tx, core, room)
  const intent = await putIntent(tx, core, room, bytes, { messageId, offer: { event: event.id, salts: [] } })
  const message: MessageRecord = {
    id: messageId,
    conversation: id,
    room,
    from: self.address,
    device: self.device,
    own: true,
    content,
    state: 'queued',
    at: clock.now(),
    place: unsentPlace(intent.ordinal),
    intent: toHex(intent.reference),
    ...(clientId === undefined ? {} : { clientId }),
  }
  putMessage(tx, message)
  const current = (await getConversation(tx, id)) ?? found
  await putConversation(tx, { ...current, last: lastOf(message) }, { moveUp: true })
  // Shown at once, and moved up as what changed last.
  const row = (await getThread(tx, room, thread)) ?? { id: thread, room, conversation: id, place: -1 }
  await putThread(tx, row)
  return message
}

/** An offer is made where the conversation goes on, and ends where it began. */
const roomOf = async (
  tx: StoreWriter,
  core: Core,
  conversation: ConversationRecord,
  thread: OfferThreadId,
  { type }: Plan,
): Promise<string> => {
  if (type === 'propose') return (await reserveRoom(tx, core, conversation, [])).active
  const row = await findThread(tx, thread)
  if (row === undefined) throw unknownOffer(thread)
  const room = await tx.get<RoomRecord>('rooms', row.room)
  if (room?.state === 'closed' || room?.leaving === true)
    throw new DchatError('conversation/not-member', { conversation: conversation.id })
  return row.room
}

/** Waits until the step was read back, and throws what became of it where it counts for nobody. */
const stands = async (core: Core, { offer, event: id, message }: OfferStep, options: OfferOptions): Promise<void> => {
  const { content } = await messageReaches(core, message, 'sent', options)
  if (content.type !== 'offer' || content.refused === undefined) return
  const found = await core.store.read(async (tx) => {
    const row = await findThread(tx, offer)
    return { row, event: row && (await getEvent(tx, row.room, id)) }
  })
  if (found.event === undefined) throw unknownOffer(offer)
  const { event } = decodeSignedOffer(found.event.signed)
  throw refusalOf(content.refused, { offer, thread: found.row?.thread, event, now: found.event.acceptedAt })
}
