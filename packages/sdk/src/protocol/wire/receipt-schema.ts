import { BATCH_LIMIT, PATH_LIMIT } from './limits.ts'
import type { EntryKind, Receipt } from './methods.ts'
import { array, bytes, int, literal, record, type Schema } from './schema.ts'

/** Kinds travel by name; the numbers stand in hashes only. */
export const kindSchema: Schema<EntryKind> = literal('application', 'commit')

/** The shape of a receipt; nothing is verified here. */
export const receiptSchema: Schema<Receipt> = record({
  topic: bytes(32),
  seq: int(1),
  previous: bytes(32),
  entry: bytes(32),
  kind: kindSchema,
  time: int(),
  index: int(0, BATCH_LIMIT - 1),
  size: int(1, BATCH_LIMIT),
  path: array(bytes(32), 0, PATH_LIMIT),
  signature: bytes(64),
})
