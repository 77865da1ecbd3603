import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { RECEIPT_LIMIT } from '../wire/limits.ts'
import type { Receipt } from '../wire/methods.ts'
import { receiptSchema } from '../wire/receipt-schema.ts'

/** A receipt as deterministic CBOR: for proofs that are kept. */
export const encodeReceipt = ({
  topic,
  seq,
  previous,
  entry,
  kind,
  time,
  index,
  size,
  path,
  signature,
}: Receipt): Uint8Array => encodeCbor({ topic, seq, previous, entry, kind, time, index, size, path, signature })

/** Throws `protocol/malformed` or `protocol/too-large`; nothing is verified here. */
export const decodeReceipt = (encoded: Uint8Array): Receipt =>
  receiptSchema(decodeCbor(encoded, 'receipt', { size: RECEIPT_LIMIT, depth: 4 }), 'receipt')
