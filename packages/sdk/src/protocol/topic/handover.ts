import { DchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { BODY_LIMIT, COMMIT_FRAME_LIMIT, SUCCESSOR_BYTES } from '../wire/limits.ts'
import { bytes, int, literal, tuple } from '../wire/schema.ts'
import { type AnnouncementContext, openAnnouncement, sealAnnouncement } from './announcement.ts'

const VERSION = 1
const KIND = 'handover'

/**
 * Where a conversation went on while its hub was away (hubs.md): an item of the old topic's successor list, sealed as
 * announcements are. It carries the first commit of the new topic whole, which says by itself who made it.
 * Wire: CBOR array ['handover', version, hub key, reference, epoch, body, frame].
 */
export interface HandoverItem {
  readonly hubKey: Uint8Array
  /** Reference of the commit's entry in the new topic. */
  readonly reference: Uint8Array
  /** The epoch that the commit ends. */
  readonly epoch: number
  readonly body: Uint8Array
  readonly frame: Uint8Array
}

const parse = tuple(
  literal(KIND),
  literal(VERSION),
  bytes(32),
  bytes(16),
  int(),
  bytes(1, BODY_LIMIT),
  bytes(1, COMMIT_FRAME_LIMIT),
)

/** Seals it under the wrap key of the epoch. Throws `protocol/too-large`. */
export const sealHandover = (
  crypto: Pick<Crypto, 'random' | 'aead'>,
  wrapKey: Uint8Array,
  context: AnnouncementContext,
  { hubKey, reference, epoch, body, frame }: HandoverItem,
): Promise<Uint8Array> =>
  sealAnnouncement(crypto, wrapKey, context, encodeCbor([KIND, VERSION, hubKey, reference, epoch, body, frame]))

/** Throws `crypto/cannot-decrypt` for what another key sealed, and `protocol/malformed` for something else, say an announcement. */
export const openHandover = async (
  crypto: Pick<Crypto, 'aead'>,
  wrapKey: Uint8Array,
  context: AnnouncementContext,
  sealed: Uint8Array,
): Promise<HandoverItem> => {
  const opened = await openAnnouncement(crypto, wrapKey, context, sealed)
  const value = decodeCbor(opened, 'handover', { size: SUCCESSOR_BYTES, depth: 2 })
  const [, , hubKey, reference, epoch, body, frame] = parse(value, 'handover')
  if (epoch !== context.epoch) throw new DchatError('protocol/malformed', { format: 'handover', reason: 'epoch' })
  return { hubKey, reference, epoch, body, frame }
}
