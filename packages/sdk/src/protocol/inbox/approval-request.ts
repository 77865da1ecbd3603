import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { BODY_LIMIT, COMMIT_FRAME_LIMIT, INBOX_BODY_LIMIT } from '../wire/limits.ts'
import { bytes, int, literal, tuple } from '../wire/schema.ts'

const VERSION = 1

/**
 * A device asks one that holds the commit key to publish its commit (groups.md, "The commit key").
 * Wire: CBOR array [version, room, topic, reference, epoch, body, frame].
 */
export interface ApprovalRequest {
  readonly room: Uint8Array
  readonly topic: Uint8Array
  /** Of the commit's entry, and the epoch that it ends. */
  readonly reference: Uint8Array
  readonly epoch: number
  readonly body: Uint8Array
  readonly frame: Uint8Array
}

const parse = tuple(
  literal(VERSION),
  bytes(32),
  bytes(32),
  bytes(16),
  int(),
  bytes(1, BODY_LIMIT),
  bytes(1, COMMIT_FRAME_LIMIT),
)

export const encodeApprovalRequest = (request: ApprovalRequest): Uint8Array => {
  const { room, topic, reference, epoch, body, frame } = request
  return encodeCbor([VERSION, room, topic, reference, epoch, body, frame])
}

/** Throws `protocol/malformed` or `protocol/too-large`. */
export const decodeApprovalRequest = (encoded: Uint8Array): ApprovalRequest => {
  const value = decodeCbor(encoded, 'approval request', { size: INBOX_BODY_LIMIT, depth: 2 })
  const [, room, topic, reference, epoch, body, frame] = parse(value, 'approval request')
  return { room, topic, reference, epoch, body, frame }
}
