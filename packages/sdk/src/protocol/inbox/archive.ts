import { DchatError } from '../../errors.ts'
import type { Address, RelayUrl } from '../../records/ids.ts'
import { parseAddress } from '../identity/address.ts'
import { isName } from '../messages/snapshot.ts'
import { SUITES, type Suite } from '../mls/engine.ts'
import type { Hub } from '../topic/hub.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { ARCHIVED_PEOPLE } from '../wire/limits.ts'
import { parseRelayUrl } from '../wire/relay-url.ts'

/** The place of what was written before the room was opened: nobody is known to be in it. */
export const BEFORE_IT_OPENED = 0

/** What a device that has nothing but the phrase must know of a conversation to ask its members (groups.md). */
export interface ArchivedRoom {
  readonly room: Uint8Array
  readonly topic: Uint8Array
  readonly hub: Hub
  readonly suite: Suite
  /** `self`: the one of the own devices. */
  readonly kind: 'dm' | 'group' | 'self'
  /** Empty but for a group. */
  readonly name: string
  /** Some of the other people, at most `ARCHIVED_PEOPLE`: those to ask. */
  readonly people: readonly Address[]
  /** Where they were last found. */
  readonly relays: readonly RelayUrl[]
  /** This person left, or was taken out. */
  readonly over: boolean
  /** How far whoever wrote this had read, in the room's order: what is told from further on is newer. */
  readonly place: number
}

const VERSION = 5
const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'archived room', reason })

export const encodeArchivedRoom = (entry: ArchivedRoom): Uint8Array => {
  const { room, topic, hub, suite, kind, name, people, relays, over, place } = entry
  return encodeCbor([VERSION, room, topic, [hub.url, hub.key], suite, kind, name, people, relays, over, place])
}

/** Throws `protocol/malformed` and `protocol/too-large` only. */
export const decodeArchivedRoom = (bytes: Uint8Array): ArchivedRoom => {
  const value = decodeCbor(bytes, 'archived room', { size: 65_536 })
  if (!Array.isArray(value) || value[0] !== VERSION) throw malformed('version')
  const [, room, topic, hub, suite, kind, name, people, relays, over, place] = value as unknown[]
  const isId = (field: unknown): field is Uint8Array => field instanceof Uint8Array && field.length === 32
  if (!isId(room) || !isId(topic) || !Array.isArray(hub) || !isId(hub[1])) throw malformed('room')
  if (!SUITES.includes(suite as Suite)) throw malformed('suite')
  if ((kind !== 'dm' && kind !== 'group' && kind !== 'self') || !isName(name)) throw malformed('kind or name')
  if (!Array.isArray(people) || people.length > ARCHIVED_PEOPLE) throw malformed('people')
  if (kind !== 'group' && people.length !== (kind === 'dm' ? 1 : 0)) throw malformed('people')
  if (!Array.isArray(relays) || relays.length > 8) throw malformed('relays')
  if (typeof over !== 'boolean') throw malformed('over')
  if (!Number.isSafeInteger(place) || (place as number) < 0) throw malformed('place')
  return {
    room,
    topic,
    hub: { url: parseRelayUrl(String(hub[0])), key: hub[1] },
    suite: suite as Suite,
    kind,
    name,
    people: people.map((address) => parseAddress(String(address))),
    relays: relays.map((relay) => parseRelayUrl(String(relay))),
    over,
    place: place as number,
  }
}
