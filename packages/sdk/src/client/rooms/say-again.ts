import type { StoreWriter } from '../../domain/store/store.ts'
import type { Member } from '../../protocol/mls/engine.ts'
import type { MessageId } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { enqueue } from '../intents.ts'
import { putExpiry } from '../message-life/expiry.ts'
import { placeMessage } from '../message-life/place-message.ts'
import { getMessage } from '../message-life/rows.ts'
import { toMessage } from '../message-view.ts'
import type { IntentRecord, MessageRecord, RoomRecord, SaidRecord } from '../records.ts'
import type { RoomSession } from './session.ts'
import type { Effect, PutOffer, Work } from './work.ts'

/** Own entries of a room that are kept to be said again at another hub; older ones are not. */
const KEPT = 256

const scopeOf = (room: string): string => `said/${room}`
const keyOf = ({ reference }: Pick<IntentRecord, 'reference'>): string => `said/${toHex(reference)}`

/** Keeps an own entry that stands in the log, where another hub may have to be told of it. */
const keepSaid = async (
  tx: StoreWriter,
  { id, topic }: Pick<RoomRecord, 'id' | 'topic'>,
  intent: IntentRecord,
  seq: number,
): Promise<void> => {
  const { ordinal: position } = intent
  tx.put('outbox', {
    key: keyOf(intent),
    scope: scopeOf(id),
    position,
    value: { intent, topic, seq } satisfies SaidRecord,
  })
  const rows = await tx.page<SaidRecord>('outbox', { scope: scopeOf(id), limit: KEPT + 16 })
  for (const { value } of rows.slice(0, Math.max(0, rows.length - KEPT))) tx.delete('outbox', keyOf(value.intent))
}

type Personal = Extract<Effect, { readonly kind: 'personal' }>

/** An own entry was read back, in a room that may go on at another hub. */
export const saidHere = (record: RoomRecord, intent: IntentRecord, seq: number): Personal => ({
  kind: 'personal',
  store: (tx) => keepSaid(tx, record, intent, seq),
})

/** Own entries go out again, because others may not have them (hubs.md). */
export const saysAgain = ({ core }: Pick<RoomSession, 'core'>, work: Work, which: Which): void => {
  const { record } = work
  work.saysAgain = true
  work.effects.push({ kind: 'personal', store: (tx) => sayAgain(tx, core, record, which) })
}

/** A message that is here stands at another place now, for everybody. */
export const placedAnew = (
  id: MessageId,
  stands: Pick<MessageRecord, 'at' | 'place' | 'expiresAt'>,
  offer?: PutOffer,
): Personal => ({
  kind: 'personal',
  store: async (tx, told) => {
    const content = await offer?.(tx)
    const known = await getMessage(tx, id)
    if (known === undefined) return
    const isShown = content !== undefined && known.content.type !== 'deleted'
    const record: MessageRecord = { ...known, ...stands, ...(isShown ? { content } : {}) }
    await placeMessage(tx, record, told)
    await putExpiry(tx, record)
    told.messages.push(toMessage(record))
  },
})

/**
 * What becomes of an own entry: it is said again, it is kept because others may come who could not read it where it
 * stands, or it is dropped because everybody has.
 */
type Which = (said: SaidRecord, isHere: boolean) => 'again' | 'keep' | 'drop'

/** The room has gone on at another hub: behind `readBy` of the topic that was left, not everybody had read. */
export const unread =
  ({ forks = [], handover }: Pick<RoomRecord, 'forks' | 'handover'>, readBy: number): Which =>
  ({ topic, seq }, isHere) => {
    const isOlder = forks.some(({ from }) => equalBytes(from, topic)) && !isTopic(handover?.topic, topic)
    if (isHere || isOlder) return 'keep'
    if (seq > readBy) return 'again'
    // A log that was left by choice can be read to its end, by all who come that way.
    return handover?.at === undefined ? 'drop' : 'keep'
  }

/**
 * Somebody comes back who could read nothing of the present topic, nor of what came after it was to enter `missed`, nor of what
 * stands behind `read` in the topic before that.
 */
export const lacked =
  ({ forks = [] }: Pick<RoomRecord, 'forks'>, missed: Uint8Array | undefined, read = Number.POSITIVE_INFINITY): Which =>
  ({ topic, seq }, isHere) => {
    const first = missed === undefined ? -1 : forks.findIndex(({ to }) => equalBytes(to, missed))
    if (isHere) return 'again'
    if (isTopic(forks[first]?.from, topic)) return seq > read ? 'again' : 'keep'
    return first < 0 || forks.slice(0, first).some(({ from }) => equalBytes(from, topic)) ? 'keep' : 'again'
  }

/** This device comes back itself, where others may have come before it who lack what it had said. */
export const owed = (
  record: Pick<RoomRecord, 'forks' | 'handover' | 'missing' | 'missingFrom'>,
  readBy: number,
  members: readonly Pick<Member, 'deviceKey'>[],
): Which => {
  const { missing = {}, missingFrom = {} } = record
  const devices = members.map(({ deviceKey }) => toHex(deviceKey)).filter((device) => missing[device] !== undefined)
  const own = unread(record, readBy)
  const others = devices.map((device) => lacked(record, missing[device], missingFrom[device]))
  return (said, isHere) => (others.some((which) => which(said, isHere) === 'again') ? 'again' : own(said, isHere))
}

const isTopic = (known: Uint8Array | undefined, topic: Uint8Array): boolean =>
  known !== undefined && equalBytes(known, topic)

/** Queues own entries again, in their order and under the same ids, before what waits. */
export const sayAgain = async (
  tx: StoreWriter,
  core: Pick<Core, 'crypto'>,
  { id, topic }: Pick<RoomRecord, 'id' | 'topic'>,
  which: Which,
): Promise<void> => {
  const rows = await tx.page<SaidRecord>('outbox', { scope: scopeOf(id), limit: KEPT + 16 })
  for (const { value: said } of rows) {
    const fate = which(said, equalBytes(said.topic, topic))
    if (fate === 'keep') continue
    tx.delete('outbox', keyOf(said.intent))
    // Under the old reference a hub would answer with the first receipt.
    if (fate === 'again') enqueue(tx, { ...said.intent, reference: core.crypto.random(16), tried: [] })
  }
}

/** The room leaves a topic of which it has read nothing: what it was to say again there, it says wherever it goes on. */
export const sayUnsaid = async (
  tx: StoreWriter,
  core: Pick<Core, 'crypto'>,
  record: Pick<RoomRecord, 'id' | 'topic' | 'seq' | 'forks' | 'handover'>,
): Promise<void> => {
  const { seq, handover } = record
  if (seq === 0 && handover !== undefined) await sayAgain(tx, core, record, unread(record, handover.readBy))
}
