import { DchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import { concat } from '../../util/bytes.ts'
import { hkdfSha256 } from '../../util/hash.ts'
import { decodeCbor, encodeCbor, statement } from '../wire/cbor.ts'
import { BODY_LIMIT, COMMIT_FRAME_LIMIT, SUCCESSOR_BYTES } from '../wire/limits.ts'
import { bytes, int, literal, tuple } from '../wire/schema.ts'
import { TOPIC_NONCE_LENGTH } from './ids.ts'

const VERSION = 1
const KIND = 'successor'

/**
 * Where a conversation goes on after a void commit (groups.md, "Successor topics"): the plaintext of an MLS application
 * message of the last valid epoch. It carries the first commit of the new topic whole, so that its worth is judged from it
 * alone. Wire: CBOR array ['successor', version, seq, nonce, reference, epoch, body, frame].
 */
export interface Announcement {
  /** Place of the void commit in the old topic. */
  readonly seq: number
  /** Of the new topic: its id is `topicIdOf(topic key of the last valid epoch, nonce)`. */
  readonly nonce: Uint8Array
  /** Reference of the commit's entry in the new topic. */
  readonly reference: Uint8Array
  /** The last valid epoch: the one that the commit ends. */
  readonly epoch: number
  /** The wrapped commit and its encoded frame, as they stand in the new topic. */
  readonly body: Uint8Array
  readonly frame: Uint8Array
}

const parse = tuple(
  literal(KIND),
  literal(VERSION),
  int(1),
  bytes(TOPIC_NONCE_LENGTH),
  bytes(16),
  int(),
  bytes(1, BODY_LIMIT),
  bytes(1, COMMIT_FRAME_LIMIT),
)

export const encodeAnnouncement = ({ seq, nonce, reference, epoch, body, frame }: Announcement): Uint8Array =>
  encodeCbor([KIND, VERSION, seq, nonce, reference, epoch, body, frame])

/** Throws `protocol/malformed` or `protocol/too-large`. */
export const decodeAnnouncement = (encoded: Uint8Array): Announcement => {
  const value = decodeCbor(encoded, 'announcement', { size: SUCCESSOR_BYTES, depth: 2 })
  const [, , seq, nonce, reference, epoch, body, frame] = parse(value, 'announcement')
  return { seq, nonce, reference, epoch, body, frame }
}

/** The old topic and the epoch whose wrap key seals the announcement. */
export interface AnnouncementContext {
  readonly topic: Uint8Array
  readonly epoch: number
}

/** What binds the MLS message to its purpose: it stands in `authenticated_data`, where an entry's is empty. */
export const announcementData = ({ topic, epoch }: AnnouncementContext): Uint8Array =>
  statement('announcement', [topic, epoch])

const RANDOM_LENGTH = 32
/** Each announcement has a key of its own, so a fixed nonce never meets a key twice. */
const NONCE = new Uint8Array(12)

const keyOf = (wrapKey: Uint8Array, random: Uint8Array) => hkdfSha256(wrapKey, 'dchat/announcement-key/v1', 32, random)

/**
 * Hides the MLS message from the relay: 32 random bytes ‖ AES-256-GCM. Key label and additional data are its own, so an
 * announcement is never taken for an entry, nor the reverse. The commit inside is padded; nothing else has a length that
 * tells something.
 */
export const sealAnnouncement = async (
  crypto: Pick<Crypto, 'random' | 'aead'>,
  wrapKey: Uint8Array,
  context: AnnouncementContext,
  mlsMessage: Uint8Array,
): Promise<Uint8Array> => {
  const random = crypto.random(RANDOM_LENGTH)
  const key = keyOf(wrapKey, random)
  const sealed = concat(random, await crypto.aead.seal(key, NONCE, mlsMessage, announcementData(context)))
  if (sealed.length > SUCCESSOR_BYTES)
    throw new DchatError('protocol/too-large', { what: 'announcement', size: sealed.length, limit: SUCCESSOR_BYTES })
  return sealed
}

/** The MLS message inside; `crypto/cannot-decrypt` for what was sealed under another key, topic or epoch. */
export const openAnnouncement = async (
  crypto: Pick<Crypto, 'aead'>,
  wrapKey: Uint8Array,
  context: AnnouncementContext,
  sealed: Uint8Array,
): Promise<Uint8Array> => {
  const key = keyOf(wrapKey, sealed.subarray(0, RANDOM_LENGTH))
  try {
    return await crypto.aead.open(key, NONCE, sealed.subarray(RANDOM_LENGTH), announcementData(context))
  } catch (cause) {
    throw new DchatError(
      'crypto/cannot-decrypt',
      { epoch: context.epoch, reason: 'the announcement was sealed for another key, topic or epoch' },
      { cause },
    )
  }
}
