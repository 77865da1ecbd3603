import { DchatError } from '../../errors.ts'
import { TIME_LIMIT } from '../../protocol/messages/personal.ts'
import { isPicture } from '../../protocol/messages/snapshot.ts'
import { decodeSignedListing } from '../../protocol/offers/listing.ts'
import { utf8 } from '../../util/bytes.ts'
import { DRAFT_BYTES } from './draft.ts'
import { choicesOf, isSetting } from './settings.ts'

/** Devices that may ever have written one draft. */
const DEVICES_LIMIT = 256
const RELAYS_LIMIT = 8

type Check = (value: unknown) => boolean
type Fields = Readonly<Record<string, unknown>>

const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
const isText =
  (limit: number): Check =>
  (value) =>
    typeof value === 'string' && value.length > 0 && utf8(value).length <= limit
const oneOf =
  (...values: readonly unknown[]): Check =>
  (value) =>
    values.includes(value)
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value)
const isMessageId: Check = (value) => typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)
const isDeviceId: Check = (value) => typeof value === 'string' && /^[0-9a-f]{32}$/.test(value)
const isTime: Check = (value) => isCount(value) && (value as number) < TIME_LIMIT

const shape =
  (checks: Readonly<Record<string, Check>>): Check =>
  (value) =>
    isFields(value) && Object.entries(checks).every(([name, check]) => check(value[name]))

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)

const isDraft = shape({
  text: (text) => typeof text === 'string' && utf8(text).length <= DRAFT_BYTES,
  replyTo: optional(isMessageId),
})

const isVersions: Check = (value) => {
  if (!isFields(value) || !Array.isArray(value.versions) || !isFields(value.seen)) return false
  const seen = Object.entries(value.seen)
  if (seen.length > DEVICES_LIMIT || value.versions.length > seen.length) return false
  if (!seen.every(([device, time]) => isDeviceId(device) && isTime(time))) return false
  const isVersion = shape({ tag: shape({ time: isTime, device: isDeviceId }), value: isDraft })
  return value.versions.every(
    (version: unknown) => isVersion(version) && isSeen(version as Tagged, value.seen as Fields),
  )
}

type Tagged = { readonly tag: { readonly time: number; readonly device: string } }
const isSeen = ({ tag }: Tagged, seen: Fields): boolean => tag.time <= (seen[tag.device] as number)

const HASH = 32
/** Hashes of versions that a listing names, registers that tell what was sold of it, and deals in one of them, at most. */
const VERSIONS_LIMIT = 1_024
const PARTS_LIMIT = 4_096
const DEALS_LIMIT = 1_024
const ITEMS_LIMIT = 100

const isBytes =
  (length: number): Check =>
  (value) =>
    value instanceof Uint8Array && value.length === length
const listOf =
  (limit: number, check: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length <= limit && value.every((item) => check(item))

const isListing: Check = (value) => {
  try {
    return value instanceof Uint8Array && decodeSignedListing(value).listing.version > 0
  } catch (error) {
    if (error instanceof DchatError) return false
    throw error
  }
}

const isVersionList: Check = (value) =>
  value instanceof Uint8Array && value.length % HASH === 0 && value.length <= VERSIONS_LIMIT * HASH

const isSold = shape({
  offer: isBytes(16),
  deal: isBytes(HASH),
  step: isBytes(HASH),
  items: listOf(ITEMS_LIMIT, (item) => Array.isArray(item) && isText(256)(item[0]) && isCount(item[1])),
})

const LEVEL = oneOf(...choicesOf('notify'))

const VALUES: Readonly<Record<string, Check>> = {
  contact: shape({
    relays: (relays) =>
      Array.isArray(relays) && relays.length <= RELAYS_LIMIT && relays.every((relay) => isText(256)(relay)),
    addedAt: isCount,
  }),
  nickname: isText(256),
  consent: oneOf('allowed', 'denied', 'blocked'),
  verified: shape({
    fingerprint: (bytes) => bytes instanceof Uint8Array && bytes.length <= 64,
    at: isCount,
  }),
  draft: isVersions,
  pin: isCount,
  archived: oneOf(true),
  notify: shape({ level: LEVEL, until: optional(isCount) }),
  read: shape({ message: isMessageId, at: isCount, place: isCount }),
  'device-name': isText(256),
  profile: shape({
    version: isCount,
    name: optional(isText(256)),
    about: optional(isText(4_000)),
    picture: optional((picture) => isFields(picture) && isPicture(picture as Parameters<typeof isPicture>[0])),
  }),
  listing: shape({
    signed: isListing,
    versions: isVersionList,
    state: oneOf('open', 'closed'),
    holder: isDeviceId,
    turn: isCount,
    parts: (parts) => isCount(parts) && (parts as number) <= PARTS_LIMIT,
  }),
  'listing-deals': shape({ turn: isCount, deals: listOf(DEALS_LIMIT, isSold) }),
  'listing-ask': shape({ device: isDeviceId, turn: isCount, at: isCount }),
}

/** May a register of this kind hold the value? Kinds and settings of later versions are kept as they are. */
export const fits = (kind: string, subject: string, value: unknown): boolean => {
  // A draft that was taken back still says by whom.
  if (value === undefined) return kind !== 'draft' && kind !== 'read'
  if (kind === 'setting') return !isSetting(subject) || choicesOf(subject).includes(value)
  return (Object.hasOwn(VALUES, kind) ? VALUES[kind] : undefined)?.(value) ?? true
}
