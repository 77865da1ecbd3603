import { DchatError, isDchatError } from '../../errors.ts'
import type { Address } from '../../records/ids.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { BODY_LIMIT, LOG_ENTRIES_LIMIT, LOG_ENTRY_LIMIT } from '../wire/limits.ts'
import type { Receipt } from '../wire/methods.ts'
import { receiptSchema } from '../wire/receipt-schema.ts'
import { array, bytes, int, literal, record } from '../wire/schema.ts'
import { SALT_LENGTH } from './commitment.ts'
import { EVENT_LIMIT } from './event.ts'
import { address } from './fields.ts'

/** One step of the file: the signed event, and what proves when a relay accepted it. */
export interface ReceiptStep {
  /** CBOR [body, signature]. */
  readonly offer: Uint8Array
  /** Which of the file's relays signed. */
  readonly relay: number
  readonly epoch: number
  readonly reference: Uint8Array
  /** The entry as the relay had it; its first 32 bytes commit to the event. */
  readonly body: Uint8Array
  readonly salt: Uint8Array
  readonly receipt: Receipt
}

/** Everything that is needed to check a deal, and nothing else (offers.md). */
export interface OfferReceiptFile {
  readonly deal: Uint8Array
  /** In the order of their addresses, with their identity logs: these certify the devices that signed. */
  readonly people: readonly { readonly address: Address; readonly log: readonly Uint8Array[] }[]
  /** Their keys. Where a relay is to be found is nobody's signed word, and so stands in no receipt. */
  readonly relays: readonly Uint8Array[]
  /** In the order of the topic. */
  readonly steps: readonly ReceiptStep[]
}

const VERSION = 1
const FORMAT = 'dchat-offer-receipt'
const SIZE_LIMIT = 64 * 1024 * 1024

const shape = record({
  format: literal(FORMAT),
  v: literal(VERSION),
  deal: bytes(32),
  people: array(record({ address, log: array(bytes(1, LOG_ENTRY_LIMIT), 1, LOG_ENTRIES_LIMIT) }), 2, 201),
  relays: array(bytes(32), 1, 16),
  steps: array(
    record({
      offer: bytes(1, EVENT_LIMIT + 128),
      relay: int(0, 15),
      epoch: int(),
      reference: bytes(16),
      body: bytes(32, BODY_LIMIT),
      salt: bytes(SALT_LENGTH),
      receipt: receiptSchema,
    }),
    2,
    2_000,
  ),
})

export const badReceipt = (field: string, reason: string, cause?: unknown) =>
  new DchatError('offer/bad-receipt', { field, reason }, { cause })

/** The one form of a receipt: the same deal gives the same bytes, whoever writes it. */
export const encodeOfferReceipt = ({ deal, people, relays, steps }: OfferReceiptFile): Uint8Array =>
  encodeCbor({
    format: FORMAT,
    v: VERSION,
    deal,
    people: people.map(({ address: of, log }) => ({ address: of, log })),
    relays: [...relays],
    steps: steps.map(({ offer, relay, epoch, reference, body, salt, receipt }) => ({
      offer,
      relay,
      epoch,
      reference,
      body,
      salt,
      receipt: { ...receipt },
    })),
  })

/** Reads the form; nothing is verified here. Throws `offer/bad-receipt` with the field that is wrong. */
export const decodeOfferReceipt = (encoded: Uint8Array): OfferReceiptFile => {
  try {
    const value = decodeCbor(encoded, 'file', { size: SIZE_LIMIT, depth: 6, items: 500_000 })
    const known = shape(value, '')
    // What this version does not know would be lost when the file is written again.
    if (encodeOfferReceipt(known).length !== encoded.length)
      throw badReceipt('file', 'it has fields that are none of it')
    return known
  } catch (error) {
    if (!isDchatError(error, 'protocol/malformed'))
      throw isDchatError(error, 'protocol/too-large') ? badReceipt('file', 'it is too large', error) : error
    const { format, reason } = error.details as { format: string; reason: string }
    throw badReceipt(format.replace(/^\./, '') || 'file', reason, error)
  }
}
