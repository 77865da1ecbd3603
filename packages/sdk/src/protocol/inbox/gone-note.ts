import type { Address } from '../../records/ids.ts'
import { parseAddress } from '../identity/address.ts'
import type { RemovalOrder } from '../messages/control-change.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { ADDRESS_LIMIT, INBOX_BODY_LIMIT, LOG_ENTRIES_LIMIT, LOG_ENTRY_LIMIT } from '../wire/limits.ts'
import { array, bytes, int, literal, type Schema, text, tuple } from '../wire/schema.ts'

const VERSION = 1
const FORMAT = 'gone note'

/**
 * A member tells a device that asks to be let in that the stay of its person is over, in the words of who ended it (groups.md).
 * Wire: CBOR array [version, room, since, [address, device key, signature], log].
 */
export interface GoneNote {
  readonly room: Uint8Array
  /** The epoch that began when the person was let in: it names the stay. */
  readonly since: number
  /** Who took the person out; the person, where they left. */
  readonly word: RemovalOrder
  /** The signer's identity log, by which the device that signed is judged. */
  readonly log: readonly Uint8Array[]
}

const address: Schema<Address> = (value, at) => parseAddress(text(ADDRESS_LIMIT)(value, at))

const parse = tuple(
  literal(VERSION),
  bytes(32),
  int(),
  tuple(address, bytes(32), bytes(64)),
  array(bytes(1, LOG_ENTRY_LIMIT), 1, LOG_ENTRIES_LIMIT),
)

export const encodeGoneNote = ({ room, since, word, log }: GoneNote): Uint8Array =>
  encodeCbor([VERSION, room, since, [word.address, word.deviceKey, word.signature], log])

/** Throws `protocol/malformed`, `protocol/too-large` and the errors of addresses only. */
export const decodeGoneNote = (encoded: Uint8Array): GoneNote => {
  const value = decodeCbor(encoded, FORMAT, { size: INBOX_BODY_LIMIT, depth: 2, items: 2 * LOG_ENTRIES_LIMIT })
  const [, room, since, [by, deviceKey, signature], log] = parse(value, FORMAT)
  return { room, since, word: { address: by, deviceKey, signature }, log }
}
