import { DchatError } from '../../errors.ts'
import type { Person, Picture, Role } from '../../records/group.ts'
import { ROLES } from '../../records/group.ts'
import type { Address, MessageId } from '../../records/ids.ts'
import { fromHex, toHex, utf8 } from '../../util/bytes.ts'
import { parseAddress } from '../identity/address.ts'
import { SUITES, type Suite } from '../mls/engine.ts'
import { type Hub, hubsOf, hubValue } from '../topic/hub.ts'
import { type CborValue, decodeCbor, encodeCbor, hashOf } from '../wire/cbor.ts'
import { type CommitKey, commitKeyOf, commitKeyValue } from './commit-key.ts'

/** What one conversation may hold (groups.md). */
export const PEOPLE_LIMIT = 1_000
export const PINS_LIMIT = 50
export const BOTS_LIMIT = 16
/** Bytes of a bot's signed manifest. */
export const MANIFEST_LIMIT = 8 * 1024
/** Terms are below this: places in a conversation order by them (messages.md). */
export const TERM_LIMIT = 4_096
/** Topics that the room of a direct message may have: they share one of its conversation's terms. */
export const DM_TERMS = 256
/** Bytes of UTF-8. */
export const NAME_LIMIT = 400
export const PICTURE_LIMIT = 16 * 1024
/** Seconds. */
const TIMER_MIN = 5
const TIMER_MAX = 366 * 24 * 3600

/**
 * The control state of a conversation that no MLS structure holds: it changes only by commits, travels with Welcome and
 * rejoin, and each commit's frame binds its hash (groups.md). Equal at all members of an epoch.
 * Wire: CBOR array [version, kind, suite, room, opener, term, name, picture, timer, people, pins, bots, parent, hubs,
 * commit key];
 * what is not there at the end is left out, before it an empty list or null stands in its place.
 */
export interface Snapshot {
  /** `self`: of the devices of one person (personal.md). `channel`: of a restricted bot and a group's people (bots.md). */
  readonly kind: RoomKind
  /** Our own suite name: numbers of drafts move (groups.md). */
  readonly suite: Suite
  /** The MLS group id. */
  readonly room: Uint8Array
  /** Who opened the room: of two direct messages opened at once, this decides (groups.md). */
  readonly opener: Address
  /** 1 for the first topic; grows by one with each successor. */
  readonly term: number
  /** Empty unless it is a group. */
  readonly name: string
  readonly picture?: Picture
  /** Seconds after which messages disappear, counted from their accepted time; 0: they stay. */
  readonly timer: number
  /** In ascending order of addresses; the two people of a direct message and the one of a self-conversation are members. */
  readonly people: readonly Person[]
  /** In the order of pinning. */
  readonly pins: readonly MessageId[]
  /** In the order of their coming; absent where there are none. A channel has the one whose it is. */
  readonly bots?: readonly BotEntry[]
  /** A channel's: the room of the group that it belongs to. */
  readonly parent?: Uint8Array
  /**
   * The relays that may be its hub, in the order in which they take it over (hubs.md). Absent: it stays where it is.
   */
  readonly hubs?: readonly Hub[]
  /** By which commits have to be approved; only a group has one. */
  readonly commitKey?: CommitKey
}

export type RoomKind = 'dm' | 'group' | 'self' | 'channel'

/** A bot that was accepted in a group (bots.md). */
export interface BotEntry {
  readonly address: Address
  /** As the bot signed it. */
  readonly manifest: Uint8Array
  readonly by: Address
  /** Of a restricted bot: the group of its channel, and the channel's first topic. */
  readonly channel?: { readonly room: Uint8Array; readonly topic: Uint8Array }
}

const VERSION = 2
const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'snapshot', reason })
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

export const encodeSnapshot = (snapshot: Snapshot): Uint8Array =>
  encodeCbor([
    VERSION,
    snapshot.kind,
    snapshot.suite,
    snapshot.room,
    snapshot.opener,
    snapshot.term,
    snapshot.name,
    pictureValue(snapshot.picture),
    snapshot.timer,
    snapshot.people.map(({ address, role, since, log }) => [address, ROLES.indexOf(role), since, log]),
    snapshot.pins.map((pin) => fromHex(pin) as Uint8Array),
    ...lastFields(snapshot),
  ])

/** A snapshot that needs none of these has the bytes that it always had. */
const lastFields = ({ bots, parent, hubs, commitKey }: Snapshot): CborValue[] => {
  const keys = commitKey === undefined ? [] : [commitKeyValue(commitKey)]
  if (hubs !== undefined || commitKey !== undefined)
    return [(bots ?? []).map(botValue), parent ?? null, (hubs ?? []).map(hubValue), ...keys]
  if (parent !== undefined) return [(bots ?? []).map(botValue), parent]
  return bots === undefined ? [] : [bots.map(botValue)]
}

const botValue = ({ address, manifest, by, channel }: BotEntry): CborValue => [
  address,
  manifest,
  by,
  channel === undefined ? null : [channel.room, channel.topic],
]

export const pictureValue = (picture: Picture | undefined) =>
  picture === undefined ? null : [picture.mediaType, picture.bytes]

export const snapshotHash = (encoded: Uint8Array): Uint8Array => hashOf('snapshot', encoded)

/** Throws `protocol/malformed` and `protocol/too-large` only. */
export const decodeSnapshot = (bytes: Uint8Array): Snapshot => {
  const value = decodeCbor(bytes, 'snapshot', { size: 512 * 1024, items: 16_384, depth: 4 })
  if (!Array.isArray(value) || value[0] !== VERSION || value.length < 11 || value.length > 15)
    throw malformed('version')
  const [, kind, suite, room, opener, term, name, picture, timer, people, pins, bots, parent, hubs, key] =
    value as unknown[]
  if (!isRoomKind(kind)) throw malformed('kind')
  if (!SUITES.includes(suite as Suite)) throw malformed('suite')
  if (!(room instanceof Uint8Array) || room.length !== 32) throw malformed('room')
  if (!isCount(term) || term < 1 || term >= TERM_LIMIT) throw malformed('term')
  if (!isName(name)) throw malformed('name')
  if (!isTimer(timer)) throw malformed('timer')
  if (!Array.isArray(pins) || pins.length > PINS_LIMIT || !pins.every(isMessageId)) throw malformed('pins')
  const snapshot: Snapshot = {
    kind,
    suite: suite as Suite,
    room,
    opener: addressOf(opener),
    term,
    name,
    timer,
    people: peopleOf(people),
    pins: pins.map((pin) => toHex(pin as Uint8Array) as MessageId),
    ...(picture === null ? {} : { picture: pictureOf(picture) }),
    ...(isNone(bots, hubs, []) ? {} : { bots: botsOf(bots) }),
    ...(isNone(parent, hubs, null) ? {} : { parent: hashIn(parent) }),
    ...(isNone(hubs, key, []) ? {} : { hubs: hubsOf(hubs) }),
    ...(key === undefined ? {} : { commitKey: commitKeyOf(key) }),
  }
  if (kind !== 'group' && key !== undefined) throw malformed('commit key')
  if ((kind === 'channel') !== (snapshot.parent !== undefined)) throw malformed('parent')
  if (kind === 'dm') checkDm(snapshot)
  else if (kind === 'self') checkSelf(snapshot)
  else if (kind === 'channel') checkChannel(snapshot)
  else if (!snapshot.people.some(({ role }) => role === 'owner')) throw malformed('no owner')
  return snapshot
}

/** Left out, or, where something stands behind it, empty: one state has one encoding. */
const isNone = (value: unknown, behind: unknown, empty: null | readonly never[]): boolean => {
  if (behind === undefined) return value === undefined
  return empty === null ? value === null : Array.isArray(value) && value.length === 0
}

const checkDm = ({ people, opener, name, picture, bots }: Snapshot): void => {
  if (people.length !== 2 || !people.some(({ address }) => address === opener)) throw malformed('two people')
  if (!people.every(({ role }) => role === 'member')) throw malformed('roles')
  if (name !== '' || picture !== undefined || bots !== undefined)
    throw malformed('a direct message has neither name nor picture')
}

const checkSelf = ({ people, opener, name, picture, timer, pins, bots }: Snapshot): void => {
  const [person] = people
  if (people.length !== 1 || person?.address !== opener || person.role !== 'member') throw malformed('one person')
  if (name !== '' || picture !== undefined || timer !== 0 || pins.length > 0 || bots !== undefined)
    throw malformed('a self-conversation has nothing but people')
}

const checkChannel = ({ people, bots, pins, timer }: Snapshot): void => {
  if (bots?.length !== 1 || pins.length > 0 || timer !== 0) throw malformed('a channel has one bot, and no pins')
  if (!people.every(({ role }) => role === 'member')) throw malformed('roles')
}

const KINDS: readonly unknown[] = ['dm', 'group', 'self', 'channel']

export const isRoomKind = (value: unknown): value is RoomKind => KINDS.includes(value)

const hashIn = (value: unknown): Uint8Array => {
  if (!(value instanceof Uint8Array) || value.length !== 32) throw malformed('hash')
  return value
}

/** At most so many bytes, unread: what they say was judged with the commit that brought them. */
export const manifestIn = (value: unknown): Uint8Array => {
  if (!(value instanceof Uint8Array) || value.length === 0 || value.length > MANIFEST_LIMIT) throw malformed('manifest')
  return value
}

export const channelIn = (value: unknown): Pick<BotEntry, 'channel'> => {
  if (value === null) return {}
  if (!Array.isArray(value) || value.length !== 2) throw malformed('channel')
  return { channel: { room: hashIn(value[0]), topic: hashIn(value[1]) } }
}

const botsOf = (value: unknown): readonly BotEntry[] => {
  if (!Array.isArray(value) || value.length === 0 || value.length > BOTS_LIMIT) throw malformed('bots')
  return value.map((item: unknown): BotEntry => {
    if (!Array.isArray(item) || item.length !== 4) throw malformed('bot')
    const [address, manifest, by, channel] = item as unknown[]
    return {
      address: addressOf(address),
      manifest: manifestIn(manifest),
      by: addressOf(by),
      ...channelIn(channel),
    }
  })
}

export const addressOf = (value: unknown): Address => {
  if (typeof value !== 'string') throw malformed('address')
  return parseAddress(value)
}

const peopleOf = (value: unknown): readonly Person[] => {
  if (!Array.isArray(value) || value.length === 0 || value.length > PEOPLE_LIMIT) throw malformed('people')
  let last = ''
  return value.map((item: unknown): Person => {
    if (!Array.isArray(item) || item.length !== 4) throw malformed('person')
    const [text, role, since, log] = item as unknown[]
    const address = addressOf(text)
    if (address <= last) throw malformed('order of people')
    last = address
    if (!isCount(role) || ROLES[role] === undefined || !isCount(since) || !isCount(log)) throw malformed('person')
    return { address, role: ROLES[role] as Role, since, log }
  })
}

export const isName = (value: unknown): value is string =>
  typeof value === 'string' && utf8(value).length <= NAME_LIMIT && !/\p{Cc}/u.test(value)

export const isTimer = (value: unknown): value is number =>
  isCount(value) && (value === 0 || (value >= TIMER_MIN && value <= TIMER_MAX))

export const isMessageId = (value: unknown): value is Uint8Array => value instanceof Uint8Array && value.length === 32

const PICTURES: readonly unknown[] = ['image/png', 'image/jpeg', 'image/webp']

export const isPicture = ({ mediaType, bytes }: { readonly mediaType: unknown; readonly bytes: unknown }): boolean =>
  PICTURES.includes(mediaType) && bytes instanceof Uint8Array && bytes.length > 0 && bytes.length <= PICTURE_LIMIT

export const pictureOf = (value: unknown): Picture => {
  if (!Array.isArray(value) || value.length !== 2) throw malformed('picture')
  const [mediaType, bytes] = value as unknown[]
  if (!isPicture({ mediaType, bytes })) throw malformed('picture')
  return { mediaType: mediaType as Picture['mediaType'], bytes: bytes as Uint8Array }
}
