import type { StoreWriter } from '../domain/store/store.ts'
import { DchatError } from '../errors.ts'
import { type ContentFrame, composeReport } from '../protocol/content/compose.ts'
import { roomUriOf, senderUriOf } from '../protocol/content/message-id.ts'
import type { MessageId } from '../records/ids.ts'
import { fromHex, toHex } from '../util/bytes.ts'
import { nextCount } from './conversation-store.ts'
import type { Core } from './core.ts'
import type { IntentRecord } from './records.ts'

/** What makes content belong to one sender and one room, and its id fresh. */
export const contentFrame = (core: Core, room: string): ContentFrame => ({
  salt: core.crypto.random(16),
  senderUri: senderUriOf(core.self.address),
  roomUri: roomUriOf(fromHex(room) as Uint8Array),
})

/**
 * Queues content for a room, durably, inside the caller's transaction; `what` it is, unless a report. Throws
 * `identity/device-revoked`: nothing of a device that is out would ever leave.
 */
export const putIntent = async (
  tx: StoreWriter,
  core: Core,
  room: string,
  content: Uint8Array,
  what: Pick<IntentRecord, 'messageId' | 'action' | 'offer'> = {},
): Promise<IntentRecord> => {
  if (core.self.isRevoked) throw new DchatError('identity/device-revoked', { device: core.self.device })
  return queue(tx, core, room, { content, ...what })
}

/** Queues something that is said of the room itself. */
export const putControlIntent = (
  tx: StoreWriter,
  core: Core,
  room: string,
  control: NonNullable<IntentRecord['control']>,
): Promise<IntentRecord> => queue(tx, core, room, { content: new Uint8Array(0), control })

const AHEAD = 2 ** 40

/** Puts an intent where it will be sent. Steps of offers go ahead of everything else: talk never delays a deal. */
export const enqueue = (tx: StoreWriter, intent: IntentRecord): void => {
  const { reference, room, ordinal, offer } = intent
  const position = offer === undefined ? ordinal : ordinal - AHEAD
  tx.put('outbox', { key: toHex(reference), scope: room, position, value: intent })
}

const queue = async (
  tx: StoreWriter,
  core: Core,
  room: string,
  what: Pick<IntentRecord, 'content' | 'messageId' | 'action' | 'offer' | 'control'>,
): Promise<IntentRecord> => {
  const reference = core.crypto.random(16)
  const ordinal = await nextCount(tx, 'outbox')
  const intent: IntentRecord = { reference, room, ordinal, tried: [], ...what }
  enqueue(tx, intent)
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
