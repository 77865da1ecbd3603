import { isUnsent, placeInRoom } from '../../domain/messages/place.ts'
import type { StoreReader, StoreWriter } from '../../domain/store/store.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import { messageIdBytes, messageIdText } from '../../protocol/content/message-id.ts'
import { deviceOf } from '../../protocol/identity/log.ts'
import { offerCommitment, SALT_LENGTH } from '../../protocol/offers/commitment.ts'
import { decodeSignedOffer, encodeSignedOffer, type SignedOfferEvent } from '../../protocol/offers/event.ts'
import { isSignedOffer } from '../../protocol/offers/sign.ts'
import { entryHash } from '../../protocol/topic/entry.ts'
import { verifyReceipt } from '../../protocol/topic/receipt.ts'
import { decodeReceipt } from '../../protocol/topic/receipt-codec.ts'
import { decodeCbor, encodeCbor } from '../../protocol/wire/cbor.ts'
import { BODY_LIMIT, RECEIPT_LIMIT } from '../../protocol/wire/limits.ts'
import { bytes, int, optional, record, text } from '../../protocol/wire/schema.ts'
import type { ConversationId, MessageId } from '../../records/ids.ts'
import { equalBytes, fromHex, toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { getMessage } from '../message-life/rows.ts'
import type { RoomRecord } from '../records.ts'
import { getControl } from '../rooms/session.ts'
import { placeStep } from './place-step.ts'
import {
  type EntryRow,
  type EventRow,
  eventsOf,
  findThread,
  getEntry,
  getEvent,
  isWhole,
  type ThreadRow,
  type Told,
} from './rows.ts'

const LIMIT = 2 * BODY_LIMIT

const shape = record({
  room: bytes(32),
  conversation: text(64, 1),
  message: bytes(32),
  signed: bytes(1, BODY_LIMIT),
  place: int(),
  at: int(),
  told: optional(record({ upTo: int(), steps: int() })),
  entry: optional(
    record({
      url: text(256),
      key: bytes(32),
      epoch: int(),
      reference: bytes(16),
      body: bytes(32, BODY_LIMIT),
      salt: bytes(SALT_LENGTH),
      receipt: bytes(1, RECEIPT_LIMIT),
    }),
  ),
})

/** What carries the steps of offers to another own device: of messages that are such steps, in their order. */
export const stepsOf = async (tx: StoreReader, messages: readonly MessageId[]): Promise<readonly Uint8Array[]> => {
  const steps: Uint8Array[] = []
  const known = new Map<string, Told | undefined>()
  for (const id of messages) {
    const message = await getMessage(tx, id)
    if (message?.content.type !== 'offer') continue
    const thread = await findThread(tx, message.content.offer)
    const row = thread && (await getEvent(tx, thread.room, message.content.event))
    if (thread === undefined || row === undefined) continue
    if (!known.has(thread.id)) known.set(thread.id, await knownOf(tx, thread))
    steps.push(carried(thread, row, known.get(thread.id), await getEntry(tx, thread.room, row.id)))
  }
  return steps
}

/** Every step of the offer that this device read; undefined where it missed some. */
const knownOf = async (tx: StoreReader, thread: ThreadRow): Promise<Told | undefined> => {
  const room = await tx.get<RoomRecord>('rooms', thread.room)
  const control = await getControl(tx, thread.room)
  if (room === undefined || control === undefined || !isWhole(thread, room)) return undefined
  const steps = (await eventsOf(tx, thread.room, thread.id)).filter(({ place }) => !isUnsent(place)).length
  return { upTo: placeInRoom(control.snapshot, room.term, room.seq), steps }
}

const carried = (
  { room, conversation }: ThreadRow,
  row: EventRow,
  told: Told | undefined,
  entry: EntryRow | undefined,
): Uint8Array =>
  encodeCbor({
    room: fromHex(room) as Uint8Array,
    conversation,
    message: messageIdBytes(row.message),
    signed: row.signed,
    place: row.place,
    at: row.acceptedAt,
    ...(told === undefined ? {} : { told: { ...told } }),
    ...(entry && {
      entry: {
        url: entry.hub.url,
        key: entry.hub.key,
        epoch: entry.epoch,
        reference: entry.reference,
        body: entry.body,
        salt: entry.salt,
        receipt: entry.receipt,
      },
    }),
  })

/** Puts what was carried where it stood, in the transaction of the messages. */
export type PutSteps = (tx: StoreWriter) => Promise<void>

/**
 * Checks what another own device handed over: each step signed by its author's device, and where its entry is there, that
 * a relay's receipt is for it at this place and time. What does not hold is left out.
 */
export const takeSteps = async (core: Core, steps: readonly Uint8Array[]): Promise<PutSteps> => {
  const taken: Awaited<ReturnType<typeof checked>>[] = []
  for (const encoded of steps) {
    try {
      taken.push(await checked(core, encoded))
    } catch (error) {
      if (!isDchatError(error)) throw error
      core.log.info('a step of an offer was left out', { code: error.code })
    }
  }
  return async (tx) => {
    for (const { room, conversation, told, signed, row, entry } of taken) {
      const known = await tx.get<RoomRecord>('rooms', room)
      if (known !== undefined && known.conversation !== conversation) continue
      await placeStep(tx, {
        room,
        conversation,
        event: signed.event,
        row,
        ...(told === undefined ? {} : { told }),
        ...(entry && { entry }),
      })
    }
  }
}

const checked = async (core: Core, encoded: Uint8Array) => {
  const given = shape(decodeCbor(encoded, 'carried step', { size: LIMIT, depth: 4, items: 64 }), 'carried step')
  const signed = decodeSignedOffer(given.signed)
  const { event } = signed
  const wrong = (reason: string) => new DchatError('protocol/malformed', { format: 'carried step', reason })
  if (event.conversation !== given.conversation) throw wrong('it is of another conversation')
  const log = await core.directory.get(event.author)
  if (log === undefined || deviceOf(log, fromHex(event.device) as Uint8Array) === undefined)
    throw wrong('its device is not certified by its author')
  if (!(await isSignedOffer(core.crypto, signed))) throw wrong('the signature is not of its device')
  const entry = given.entry && (await provenEntry(core, signed, given.entry, given.at))
  const row: Omit<EventRow, 'refused'> = {
    id: event.id,
    thread: event.thread,
    signed: encodeSignedOffer(signed),
    place: given.place,
    acceptedAt: given.at,
    message: messageIdText(given.message),
  }
  const conversation = given.conversation as ConversationId
  return { room: toHex(given.room), conversation, told: given.told, signed, row, entry }
}

type GivenEntry = NonNullable<ReturnType<typeof shape>['entry']>

/** The entry, if a relay's receipt is for it. */
const provenEntry = async (
  { crypto }: Core,
  { event }: SignedOfferEvent,
  { url, key, receipt: encoded, ...entry }: GivenEntry,
  at: number,
): Promise<EntryRow | undefined> => {
  const receipt = decodeReceipt(encoded)
  const { epoch, reference, body, salt } = entry
  const { topic, kind } = receipt
  const isFor =
    equalBytes(body.subarray(0, 32), offerCommitment(event.id, salt)) &&
    equalBytes(entryHash({ topic, kind, epoch, reference, body }), receipt.entry) &&
    receipt.time === at
  if (!isFor) return undefined
  await verifyReceipt(crypto, key, receipt)
  return { hub: { url: url as EntryRow['hub']['url'], key }, ...entry, receipt: encoded }
}
