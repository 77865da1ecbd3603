import type { StoreWriter } from '../domain/store/store.ts'
import { composeReport, roomUriOf, senderUriOf } from '../protocol/content/content.ts'
import type { MessageId } from '../records/ids.ts'
import { fromHex, toHex } from '../util/bytes.ts'
import { nextCount } from './conversation-store.ts'
import type { Core } from './core.ts'
import type { IntentRecord } from './records.ts'

/** What makes content belong to one sender and one room, and its id fresh. */
export const contentFrame = (core: Core, room: string): { salt: Uint8Array; senderUri: string; roomUri: string } => ({
  salt: core.crypto.random(16),
  senderUri: senderUriOf(core.self.address),
  roomUri: roomUriOf(fromHex(room) as Uint8Array),
})

/** Queues content for a room, durably, inside the caller's transaction. */
export const putIntent = async (
  tx: StoreWriter,
  core: Core,
  room: string,
  content: Uint8Array,
  messageId?: MessageId,
): Promise<IntentRecord> => queue(tx, core, room, { content, ...(messageId === undefined ? {} : { messageId }) })

/** Queues something that is said of the room itself. */
export const putControlIntent = (
  tx: StoreWriter,
  core: Core,
  room: string,
  control: NonNullable<IntentRecord['control']>,
): Promise<IntentRecord> => queue(tx, core, room, { content: new Uint8Array(0), control })

const queue = async (
  tx: StoreWriter,
  core: Core,
  room: string,
  what: Pick<IntentRecord, 'content' | 'messageId' | 'control'>,
): Promise<IntentRecord> => {
  const reference = core.crypto.random(16)
  const ordinal = await nextCount(tx, 'outbox')
  const intent: IntentRecord = { reference, room, ordinal, tried: [], ...what }
  tx.put('outbox', { key: toHex(reference), scope: room, position: ordinal, value: intent })
  return intent
}

/** A status report for a room. */
export const putReport = async (
  tx: StoreWriter,
  core: Core,
  room: string,
  items: readonly { readonly id: MessageId; readonly status: 'delivered' | 'read' }[],
): Promise<void> => {
  await putIntent(tx, core, room, composeReport(items, contentFrame(core, room)))
}
