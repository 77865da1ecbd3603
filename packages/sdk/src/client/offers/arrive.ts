import { placeInRoom } from '../../domain/messages/place.ts'
import { DchatError, isDchatError } from '../../errors.ts'
import { type ReadContent, readContent } from '../../protocol/content/read.ts'
import type { Member } from '../../protocol/mls/engine.ts'
import { offerCommitment } from '../../protocol/offers/commitment.ts'
import { decodeSignedOffer, encodeSignedOffer, type SignedOfferEvent } from '../../protocol/offers/event.ts'
import { isSignedOffer } from '../../protocol/offers/sign.ts'
import { encodeReceipt } from '../../protocol/topic/receipt-codec.ts'
import type { Entry } from '../../protocol/wire/methods.ts'
import type { MessageId } from '../../records/ids.ts'
import { equalBytes, toHex } from '../../util/bytes.ts'
import type { Core } from '../core.ts'
import { arrivedListing } from '../listings/shown.ts'
import type { IntentRecord } from '../records.ts'
import type { PutOffer, Work } from '../rooms/work.ts'
import { placeStep } from './place-step.ts'
import type { EntryRow } from './rows.ts'

type Place = Pick<Work, 'record' | 'control'>

const refuse = (reason: string) => new DchatError('conversation/void', { reason })

/**
 * A step of an offer that somebody sent: what puts it at its place, in the transaction of its entry. Undefined where the
 * form is of a later version: then its words are shown. Throws `conversation/void` where it is not what it says.
 */
export const arrivedStep = async (
  core: Core,
  work: Place,
  entry: Entry,
  sender: Member,
  {
    id,
    read,
    salt,
  }: {
    readonly id: MessageId
    readonly read: Extract<ReadContent, { kind: 'offer' }>
    readonly salt: Uint8Array | undefined
  },
): Promise<PutOffer | undefined> => {
  const signed = decoded(read.signed)
  if (signed === undefined) return undefined
  const { event } = signed
  if (event.author !== sender.address || event.device !== toHex(sender.deviceKey))
    throw refuse('its offer names another author')
  if (event.conversation !== work.record.conversation) throw refuse('its offer is of another conversation')
  const { body } = entry
  if (salt === undefined || body === null || !equalBytes(body.subarray(0, 32), offerCommitment(event.id, salt)))
    throw refuse('it does not commit to its offer')
  if (!(await isSignedOffer(core.crypto, signed))) throw refuse('the signature of its offer does not verify')
  const put = putStep(work, entry, signed, id, salt)
  const keep = await arrivedListing(core, event, read.listing)
  if (keep === undefined) return put
  return (tx) => {
    keep(tx)
    return put(tx)
  }
}

/** An own step that was read back. */
export const ownStep = (
  work: Place,
  entry: Entry,
  { content, messageId, offer }: IntentRecord,
  /** As the entry tells it, where this store does not know its own try. */
  told?: Uint8Array,
): PutOffer | undefined => {
  const read = readContent(content)
  const signed = read.kind === 'offer' ? decoded(read.signed) : undefined
  if (signed === undefined || messageId === undefined) return undefined
  const salt = told ?? offer?.salts.find((tried) => equalBytes(tried.entry, entry.receipt.entry))?.salt
  return putStep(work, entry, signed, messageId, salt)
}

const decoded = (encoded: Uint8Array): SignedOfferEvent | undefined => {
  try {
    return decodeSignedOffer(encoded)
  } catch (error) {
    if (isDchatError(error)) return undefined
    throw error
  }
}

const putStep = (
  { record, control }: Place,
  entry: Entry,
  signed: SignedOfferEvent,
  message: MessageId,
  salt: Uint8Array | undefined,
): PutOffer => {
  const { event } = signed
  const { receipt, body, epoch, reference } = entry
  const proof: EntryRow | undefined =
    body === null || salt === undefined
      ? undefined
      : { hub: record.hub, epoch, reference, body, salt, receipt: encodeReceipt(receipt) }
  const row = {
    id: event.id,
    thread: event.thread,
    signed: encodeSignedOffer(signed),
    place: placeInRoom(control.snapshot, record.term, receipt.seq),
    acceptedAt: receipt.time,
    message,
  }
  return (tx) =>
    placeStep(tx, { room: record.id, conversation: record.conversation, event, row, ...(proof && { entry: proof }) })
}
