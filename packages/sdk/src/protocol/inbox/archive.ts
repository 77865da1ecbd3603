import { DchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import type { Address, RelayUrl } from '../../records/ids.ts'
import { utf8 } from '../../util/bytes.ts'
import { parseAddress } from '../identity/address.ts'
import { isName } from '../messages/snapshot.ts'
import { SUITES, type Suite } from '../mls/engine.ts'
import { decodeCbor, encodeCbor, hashOf } from '../wire/cbor.ts'
import { parseRelayUrl } from '../wire/relay-url.ts'
import type { Hub } from './bodies.ts'

/** What a device that has nothing but the phrase must know of a conversation to ask its members (groups.md). */
export interface ArchivedRoom {
  readonly room: Uint8Array
  readonly topic: Uint8Array
  readonly hub: Hub
  readonly suite: Suite
  readonly kind: 'dm' | 'group'
  /** Empty for a direct message. */
  readonly name: string
  /** Some of the other people, at most `ARCHIVED_PEOPLE`: those to ask. */
  readonly people: readonly Address[]
  /** Where they were last found. */
  readonly relays: readonly RelayUrl[]
  /** This person left, or was taken out. */
  readonly over: boolean
}

export const ARCHIVED_PEOPLE = 32

const VERSION = 3
const INFO = utf8('dchat/archive/v1')
const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'archive', reason })

/** The slot that every own device overwrites for one room; the relay, which does not know rooms, learns nothing from it. */
export const archiveSlot = (address: Address, room: Uint8Array): Uint8Array =>
  hashOf('archive-slot', [address, room]).subarray(0, 16)

export const sealArchivedRoom = (crypto: Crypto, archiveKey: Uint8Array, entry: ArchivedRoom): Promise<Uint8Array> => {
  const { room, topic, hub, suite, kind, name, people, relays, over } = entry
  const plaintext = encodeCbor([VERSION, room, topic, [hub.url, hub.key], suite, kind, name, people, relays, over])
  return crypto.box.seal(archiveKey, plaintext, INFO)
}

/** Throws `crypto/cannot-decrypt` or `protocol/malformed`. */
export const openArchivedRoom = async (
  crypto: Crypto,
  archiveSeed: Uint8Array,
  sealed: Uint8Array,
): Promise<ArchivedRoom> => {
  const value = decodeCbor(await crypto.box.open(archiveSeed, sealed, INFO), 'archive', { size: 65_536 })
  if (!Array.isArray(value) || value[0] !== VERSION) throw malformed('version')
  const [, room, topic, hub, suite, kind, name, people, relays, over] = value as unknown[]
  const isId = (field: unknown): field is Uint8Array => field instanceof Uint8Array && field.length === 32
  if (!isId(room) || !isId(topic) || !Array.isArray(hub) || !isId(hub[1])) throw malformed('room')
  if (!SUITES.includes(suite as Suite)) throw malformed('suite')
  if ((kind !== 'dm' && kind !== 'group') || !isName(name)) throw malformed('kind or name')
  if (!Array.isArray(people) || people.length > ARCHIVED_PEOPLE) throw malformed('people')
  if (kind === 'dm' && people.length !== 1) throw malformed('people')
  if (!Array.isArray(relays) || relays.length > 8) throw malformed('relays')
  if (typeof over !== 'boolean') throw malformed('over')
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
  }
}
