import { bech32m } from '@scure/base'
import { DchatError } from '../../errors.ts'
import type { Address, DeviceId } from '../../records/ids.ts'
import { concat, toHex } from '../../util/bytes.ts'
import { sha256 } from '../../util/hash.ts'
import { hashOf } from '../wire/cbor.ts'

const PREFIX = 'dchat'
const VERSION = 1
/** 200 bits of the genesis hash. */
const HASH_LENGTH = 25

export const IDENTITY_KINDS = ['person', 'bot'] as const
export type IdentityKind = (typeof IDENTITY_KINDS)[number]

/** The first entry of an identity log: a pure function of the phrase, without time or name (identity.md). */
export interface Genesis {
  readonly version: 1
  readonly kind: IdentityKind
  /** Ed25519 public key. */
  readonly root: Uint8Array
  /** Hash of the recovery public key, which stays hidden until it signs. */
  readonly recovery: Uint8Array
}

/** The commitment to a recovery public key that stands in the genesis entry: plain SHA-256. */
export const recoveryHashOf = (recoveryPublicKey: Uint8Array): Uint8Array => sha256(recoveryPublicKey)

export const genesisOf = (
  rootPublicKey: Uint8Array,
  recoveryPublicKeyHash: Uint8Array,
  kind: IdentityKind = 'person',
): Genesis => ({ version: 1, kind, root: rootPublicKey, recovery: recoveryPublicKeyHash })

/** The hash that the address shortens and the second log entry names. */
export const genesisHash = ({ version, kind, root, recovery }: Genesis): Uint8Array =>
  hashOf('identity-genesis', { version, kind, root, recovery })

/** Self-certifying: bech32m over a version byte and the first 200 bits of the genesis hash; 54 characters. */
export const addressOf = (genesis: Genesis): Address =>
  bech32m.encode(
    PREFIX,
    bech32m.toWords(concat(new Uint8Array([VERSION]), genesisHash(genesis).subarray(0, HASH_LENGTH))),
  ) as Address

const bad = (reason: string) => new DchatError('identity/bad-address', { reason })

const wordsOf = (text: string): number[] => {
  const decoded = bech32m.decodeUnsafe(text, 90)
  if (decoded === undefined) throw bad('its checksum is wrong, so a character is missing or mistyped')
  return decoded.words
}

/** Accepts capitals (as QR codes have them) and space around it. Throws `identity/bad-address`. */
export const parseAddress = (text: string): Address => {
  const trimmed = text.trim()
  if (trimmed.length > 90) throw bad('it is too long')
  const lower = trimmed.toLowerCase()
  if (trimmed !== lower && trimmed !== trimmed.toUpperCase()) throw bad('it mixes capitals and small letters')
  if (!lower.startsWith(`${PREFIX}1`)) throw bad('it does not begin with dchat1')
  const bytes = bech32m.fromWordsUnsafe(wordsOf(lower))
  if (bytes === undefined || bytes.length === 0) throw bad('it has an unusual length')
  if (bytes[0] !== VERSION) throw bad('it belongs to a newer version of dchat')
  if (bytes.length !== 1 + HASH_LENGTH) throw bad('it has an unusual length')
  return lower as Address
}

/** For display only, never for comparison: beginning and end of an address. */
export const shortAddress = (address: Address): string => `${address.slice(0, 12)}…${address.slice(-6)}`

/** A device's id: lower-case hex of the first 16 bytes of SHA-256 over its signature key. */
export const deviceIdOf = (deviceKey: Uint8Array): DeviceId => toHex(sha256(deviceKey).subarray(0, 16)) as DeviceId
