import { fromHex } from '../../util/bytes.ts'
import { hashOf } from '../wire/cbor.ts'

/** Bytes of the salt; a fresh one for every attempt to publish. */
export const SALT_LENGTH = 16

/**
 * What stands in place of the random bytes of an entry's wrap when the entry carries an offer's event: it looks random
 * to everybody, and who is told the salt sees that the relay's receipt is for this event, without any key (offers.md).
 */
export const offerCommitment = (eventId: string, salt: Uint8Array): Uint8Array =>
  hashOf('offer-commitment', [salt, fromHex(eventId) as Uint8Array])
