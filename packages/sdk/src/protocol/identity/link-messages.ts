import nacl from 'tweetnacl'
import { DchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import { concat } from '../../util/bytes.ts'
import { hkdfSha256 } from '../../util/hash.ts'
import { type CborValue, decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { LOG_ENTRIES_LIMIT, LOG_ENTRY_LIMIT, RENDEZVOUS_BODY_LIMIT, RENDEZVOUS_MESSAGES } from '../wire/limits.ts'
import { RELAY_URL_LIMIT } from '../wire/relay-url.ts'
import { array, bytes, int, literal, malformed, optional, record, type Schema, text, tuple } from '../wire/schema.ts'
import { signByDevice, verifyByDevice } from './device.ts'
import { LOG_RELAYS_LIMIT, XWING_KEY_LENGTH } from './log-entry.ts'

/**
 * The messages of linking (identity.md), from both sides. What comes before the pairing is public; everything after it is
 * sealed by `secretbox` under keys of the pairing, one for each direction.
 */

/** Begins: the new device's share. */
export interface LinkOffer {
  readonly sid: Uint8Array
  readonly y: Uint8Array
}

/** The old device's share, and proof that it has the key. */
export interface LinkAnswer {
  readonly y: Uint8Array
  readonly tag: Uint8Array
}

/** The new device's proof, and what it asks to be certified; `refused`: the old device's proof was wrong. */
export type LinkReply = { readonly tag: Uint8Array; readonly sealed: Uint8Array } | 'refused'

/** What the new device is. */
export interface LinkDevice {
  readonly deviceKey: Uint8Array
  readonly introKey: Uint8Array
  readonly name?: string
}

/** What the new device needs; undefined: it was not let in. */
export interface LinkGrant {
  readonly log: readonly Uint8Array[]
  readonly relays: readonly string[]
  /** Opaque here. */
  readonly archiveKeys?: Uint8Array
}

/** Sealing keys of a pairing, and the id that its signatures name. */
export interface LinkKeys {
  readonly fromNew: Uint8Array
  readonly fromOld: Uint8Array
  readonly session: Uint8Array
}

const VERSION = 1
const FORMAT = 'link message'
const DEVICE_NAME_LIMIT = 64
const ARCHIVE_KEYS_LIMIT = 16 * 1024
/** Bytes of a grant in one message; the rest of the frame is its envelope. */
const PART = RENDEZVOUS_BODY_LIMIT - 64
const PARTS = RENDEZVOUS_MESSAGES - 1
const USE = 'link-device'

const decode = <T>(encoded: Uint8Array, schema: Schema<T>, size = RENDEZVOUS_BODY_LIMIT): T =>
  schema(decodeCbor(encoded, FORMAT, { size, depth: 4, items: 2 * LOG_ENTRIES_LIMIT }), FORMAT)

export const linkKeys = (key: Uint8Array): LinkKeys => ({
  fromNew: hkdfSha256(key, 'dchat/link-from-new/v1', 32),
  fromOld: hkdfSha256(key, 'dchat/link-from-old/v1', 32),
  session: hkdfSha256(key, 'dchat/link-session/v1', 32),
})

const seal = (key: Uint8Array, random: (length: number) => Uint8Array, value: CborValue): Uint8Array => {
  const nonce = random(nacl.secretbox.nonceLength)
  return concat(nonce, nacl.secretbox(encodeCbor(value), nonce, key))
}

/** Throws `crypto/cannot-decrypt`. */
const open = (key: Uint8Array, sealed: Uint8Array): Uint8Array => {
  const { nonceLength } = nacl.secretbox
  const plain =
    sealed.length < nonceLength
      ? null
      : nacl.secretbox.open(sealed.subarray(nonceLength), sealed.subarray(0, nonceLength), key)
  if (plain === null) throw new DchatError('crypto/cannot-decrypt', { epoch: 0, reason: 'the link has another key' })
  return plain
}

const offer = tuple(literal(VERSION), bytes(16), bytes(32))
const answer = tuple(bytes(32), bytes(64))
const refused = tuple(literal(0))
const reply = tuple(literal(1), bytes(64), bytes(1, RENDEZVOUS_BODY_LIMIT))
const part = tuple(int(1, PARTS), bytes(1, PART))
const stored = tuple(literal(1))

const device = record({
  deviceKey: bytes(32),
  introKey: bytes(XWING_KEY_LENGTH),
  name: optional(text(DEVICE_NAME_LIMIT, 1)),
  signature: bytes(64),
})

const grant = record({
  log: array(bytes(1, LOG_ENTRY_LIMIT), 1, LOG_ENTRIES_LIMIT),
  relays: array(text(RELAY_URL_LIMIT), 0, LOG_RELAYS_LIMIT),
  archiveKeys: optional(bytes(1, ARCHIVE_KEYS_LIMIT)),
})

export const encodeLinkOffer = ({ sid, y }: LinkOffer): Uint8Array => encodeCbor([VERSION, sid, y])
/** Throws `protocol/malformed`, as the others do. */
export const decodeLinkOffer = (encoded: Uint8Array): LinkOffer => {
  const [, sid, y] = decode(encoded, offer)
  return { sid, y }
}

export const encodeLinkAnswer = ({ y, tag }: LinkAnswer): Uint8Array => encodeCbor([y, tag])
export const decodeLinkAnswer = (encoded: Uint8Array): LinkAnswer => {
  const [y, tag] = decode(encoded, answer)
  return { y, tag }
}

export const encodeLinkReply = (value: LinkReply): Uint8Array =>
  encodeCbor(value === 'refused' ? [0] : [1, value.tag, value.sealed])
export const decodeLinkReply = (encoded: Uint8Array): LinkReply => {
  const either: Schema<LinkReply> = (value, at) => {
    if (Array.isArray(value) && value.length === 1) {
      refused(value, at)
      return 'refused'
    }
    const [, tag, sealed] = reply(value, at)
    return { tag, sealed }
  }
  return decode(encoded, either)
}

/** Signs with the device's own key, so that nobody has another's device certified as theirs. */
export const sealLinkDevice = async (
  crypto: Pick<Crypto, 'random' | 'ed25519'>,
  keys: LinkKeys,
  seed: Uint8Array,
  { deviceKey, introKey, name }: LinkDevice,
): Promise<Uint8Array> => {
  const signature = await signByDevice(crypto, seed, USE, [keys.session, deviceKey, introKey])
  return seal(keys.fromNew, crypto.random, { deviceKey, introKey, name, signature })
}

/** Throws `crypto/cannot-decrypt`, `crypto/bad-signature` and `protocol/malformed`. */
export const openLinkDevice = async (
  crypto: Pick<Crypto, 'ed25519'>,
  keys: LinkKeys,
  sealed: Uint8Array,
): Promise<LinkDevice> => {
  const { signature, ...found } = decode(open(keys.fromNew, sealed), device)
  const signed = [keys.session, found.deviceKey, found.introKey]
  if (!(await verifyByDevice(crypto, found.deviceKey, USE, signed, signature)))
    throw new DchatError('crypto/bad-signature', { what: 'new device' })
  return found
}

/** In as many messages as it takes, each of which says how many there are. */
export const sealLinkGrant = (
  random: (length: number) => Uint8Array,
  keys: LinkKeys,
  given: LinkGrant | undefined,
): Uint8Array[] => {
  const sealed = seal(keys.fromOld, random, given === undefined ? null : { ...given })
  const total = Math.ceil(sealed.length / PART)
  if (total > PARTS)
    throw new DchatError('protocol/too-large', { what: 'identity log', size: sealed.length, limit: PART * PARTS })
  return Array.from({ length: total }, (_, at) => encodeCbor([total, sealed.subarray(at * PART, (at + 1) * PART)]))
}

/** How many messages there are in all, and the piece that this one holds. */
export const decodeLinkPart = (encoded: Uint8Array): readonly [total: number, piece: Uint8Array] =>
  decode(encoded, part)

/** Throws `crypto/cannot-decrypt` and `protocol/malformed`. */
export const openLinkGrant = (keys: LinkKeys, pieces: readonly Uint8Array[]): LinkGrant | undefined => {
  const orNothing: Schema<LinkGrant | undefined> = (value, at) => (value === null ? undefined : grant(value, at))
  return decode(open(keys.fromOld, concat(...pieces)), orNothing, PART * PARTS)
}

/** The new device has everything. */
export const sealLinkStored = (random: (length: number) => Uint8Array, keys: LinkKeys): Uint8Array =>
  seal(keys.fromNew, random, [1])

/** Throws `crypto/cannot-decrypt` and `protocol/malformed`. */
export const openLinkStored = (keys: LinkKeys, sealed: Uint8Array): void => {
  if (decode(open(keys.fromNew, sealed), stored)[0] !== 1) throw malformed(FORMAT, 'it says something else')
}
