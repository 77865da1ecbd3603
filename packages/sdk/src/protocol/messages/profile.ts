import { DchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import type { Address } from '../../records/ids.ts'
import type { Profile } from '../../records/people.ts'
import { parseAddress } from '../identity/address.ts'
import { decodeCbor, encodeCbor, statement } from '../wire/cbor.ts'
import { isPicture, PICTURE_LIMIT, pictureOf } from './snapshot.ts'

/** Characters (Unicode code points). */
const NAME_LIMIT = 64
const ABOUT_LIMIT = 1_000
/** Bytes of a profile with everything. */
const LIMIT = PICTURE_LIMIT + 8 * 1024

/**
 * A profile as it travels (groups.md): CBOR array [version, address, number, name | null, about | null,
 * [media type, bytes] | null, short, device key, signature]. The device signs all that stands between.
 */
export interface SignedProfile {
  readonly profile: Profile
  /** The picture was left out; the same number in full says more. */
  readonly short: boolean
  readonly deviceKey: Uint8Array
}

const VERSION = 1
const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'profile', reason })

/** Control characters, and those that turn the direction of what stands around them. */
const UNSEEMLY = /[\p{Cs}\u202a-\u202e\u2066-\u2069]|(?!\n)\p{Cc}/u

const isText = (text: unknown, limit: number): text is string =>
  typeof text === 'string' && text.trim() !== '' && [...text].length <= limit && !UNSEEMLY.test(text)

/** One line that says something. */
const isProfileName = (name: unknown): name is string => isText(name, NAME_LIMIT) && !name.includes('\n')

const isProfileAbout = (about: unknown): about is string => isText(about, ABOUT_LIMIT)

const fieldsOf = ({ address, version, name, about, picture }: Profile, short: boolean) => [
  address,
  version,
  name ?? null,
  about ?? null,
  picture === undefined || short ? null : [picture.mediaType, picture.bytes],
  short,
]

/** Signed by one of the person's devices, whole or in short form. */
export const signProfile = async (
  crypto: Pick<Crypto, 'ed25519'>,
  device: { readonly seed: Uint8Array; readonly deviceKey: Uint8Array },
  profile: Profile,
  short: boolean,
): Promise<Uint8Array> => {
  const fields = fieldsOf(profile, short)
  const signature = await crypto.ed25519.sign(device.seed, statement('profile', [...fields, device.deviceKey]))
  return encodeCbor([VERSION, ...fields, device.deviceKey, signature])
}

/**
 * Reads a profile and checks its signature; whether the device is one of that person's is the caller's to check. Throws
 * `protocol/malformed`, `protocol/too-large` or `crypto/bad-signature`.
 */
export const openProfile = async (crypto: Pick<Crypto, 'ed25519'>, bytes: Uint8Array): Promise<SignedProfile> => {
  if (bytes.length > LIMIT)
    throw new DchatError('protocol/too-large', { what: 'profile', size: bytes.length, limit: LIMIT })
  const value = decodeCbor(bytes, 'profile', { items: 32 })
  if (!Array.isArray(value) || value.length !== 9 || value[0] !== VERSION) throw malformed('version')
  const [, address, version, name, about, picture, short, deviceKey, signature] = value as unknown[]
  if (!Number.isSafeInteger(version) || (version as number) < 1) throw malformed('number')
  if (name !== null && !isProfileName(name)) throw malformed('name')
  if (about !== null && !isProfileAbout(about)) throw malformed('about')
  if (typeof short !== 'boolean' || (short && picture !== null)) throw malformed('short form')
  if (!(deviceKey instanceof Uint8Array) || deviceKey.length !== 32) throw malformed('device key')
  if (!(signature instanceof Uint8Array) || signature.length !== 64) throw malformed('signature')
  const profile: Profile = {
    address: addressOf(address),
    version: version as number,
    ...(name === null ? {} : { name }),
    ...(about === null ? {} : { about }),
    ...(picture === null ? {} : { picture: pictureOf(picture) }),
  }
  const said = statement('profile', [...fieldsOf(profile, short), deviceKey])
  if (!(await crypto.ed25519.verify(deviceKey, said, signature)))
    throw new DchatError('crypto/bad-signature', { what: 'profile' })
  return { profile, short, deviceKey }
}

const addressOf = (text: unknown): Address => {
  if (typeof text !== 'string') throw malformed('address')
  try {
    return parseAddress(text)
  } catch (cause) {
    throw new DchatError('protocol/malformed', { format: 'profile', reason: 'address' }, { cause })
  }
}

/** Whether all of it may be said; undefined if it may, else what may not. */
export const profileProblem = ({ name, about, picture }: Omit<Profile, 'address' | 'version'>): string | undefined => {
  if (name !== undefined && !isProfileName(name)) return 'name'
  if (about !== undefined && !isProfileAbout(about)) return 'about'
  return picture !== undefined && !isPicture(picture) ? 'picture' : undefined
}
