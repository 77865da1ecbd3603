import type { StoreWriter } from '../../domain/store/store.ts'
import type { MessageId } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { enqueue } from '../intents.ts'
import { putExpiry } from '../message-life/expiry.ts'
import { getMessage, putMessage } from '../message-life/rows.ts'
import { toMessage } from '../message-view.ts'
import type { IntentRecord, MessageRecord, RoomRecord, SaidRecord } from '../records.ts'
import type { RoomSession } from './session.ts'
import type { Effect, Work } from './work.ts'

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
export const placedAnew = (id: MessageId, stands: Pick<MessageRecord, 'at' | 'place' | 'expiresAt'>): Personal => ({
  kind: 'personal',
  store: async (tx, told) => {
    const known = await getMessage(tx, id)
    if (known === undefined) return
    const record: MessageRecord = { ...known, ...stands }
    putMessage(tx, record)
    await putExpiry(tx, record)
    told.messages.push(toMessage(record))
  },
})

interface Which {
  /** Up to this place of the topic before everybody is known to have read. */
  readonly readBy: number
  /** What was said in the present topic, too. */
  readonly present?: boolean
}

/**
 * Queues own entries again, in their order and under the same ids, before what waits: all that were said in other topics
 * than the present one behind a place that everybody is known to have read, or those of the present one too.
 */
export const sayAgain = async (
  tx: StoreWriter,
  core: Pick<Core, 'crypto'>,
  { id, topic }: Pick<RoomRecord, 'id' | 'topic'>,
  { readBy, present = false }: Which,
): Promise<void> => {
  const rows = await tx.page<SaidRecord>('outbox', { scope: scopeOf(id), limit: KEPT + 16 })
  for (const { value: said } of rows) {
    const isHere = equalBytes(said.topic, topic)
    if (isHere && !present) continue
    tx.delete('outbox', keyOf(said.intent))
    if (!isHere && said.seq <= readBy) continue
    // Under the old reference a hub would answer with the first receipt.
    enqueue(tx, { ...said.intent, reference: core.crypto.random(16), tried: [] })
  }
}
