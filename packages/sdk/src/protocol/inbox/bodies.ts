import { DchatError } from '../../errors.ts'
import type { Address, RelayUrl } from '../../records/ids.ts'
import { parseAddress } from '../identity/address.ts'
import { isName, isRoomKind, PEOPLE_LIMIT, type RoomKind } from '../messages/snapshot.ts'
import { SUITES, type Suite } from '../mls/engine.ts'
import { type Hub, hubOf, hubValue } from '../topic/hub.ts'
import { type CborValue, decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { parseRelayUrl } from '../wire/relay-url.ts'
import { type Move, movesOf, movesValue } from './moves.ts'

/** Points a joining device to its Welcome (groups.md): blobs under random ids, their key, the commit's place. */
export interface WelcomePointer {
  readonly room: Uint8Array
  readonly topic: Uint8Array
  readonly hub: Hub
  readonly suite: Suite
  /** The commit's place in the topic. */
  readonly seq: number
  /** KeyPackageRef of the package that was used. */
  readonly package: Uint8Array
  /** The chunks of the sealed body, in order. */
  readonly blobs: readonly Uint8Array[]
  readonly blobKey: Uint8Array
  readonly kind: RoomKind
  /** What the inviter says of the group, to decide by before anything is opened; empty unless it is a group. */
  readonly name: string
  readonly people: number
  /** What the inviter tells of itself, signed, in short form (groups.md). */
  readonly profile?: Uint8Array
}

/** An own device tells the others of its person how an invitation was answered. */
export interface InvitationAnswer {
  readonly room: Uint8Array
  readonly accepted: boolean
}

/** A member tells where the conversation went on while its hub was away (hubs.md). */
export interface MovedNote {
  readonly room: Uint8Array
  /** The topic that was left, and the one that continues it from `epoch` on. */
  readonly from: Uint8Array
  readonly topic: Uint8Array
  readonly hub: Hub
  readonly epoch: number
  /** Why: two receipts of the hub that was left, encoded, which contradict each other. */
  readonly proof?: readonly Uint8Array[]
  /** The last moves to other hubs that led to where its author stands, oldest first. */
  readonly moves?: readonly Move[]
}

/** A device asks a member to let it in: again, or because it is new (groups.md). */
export interface AdmitRequest {
  readonly room: Uint8Array
  readonly topic: Uint8Array
  /** A fresh key package of the room's suite. */
  readonly keyPackage: Uint8Array
  /** The stay of its person, as far as the device knows it. */
  readonly since?: number
  /** How far it had read the topic from which that one went on; only with `since`. */
  readonly read?: number
}

/** The answer to a device that still has a leaf: all it needs for an external commit (groups.md). */
export interface RoomStateOffer {
  readonly room: Uint8Array
  readonly topic: Uint8Array
  readonly hub: Hub
  readonly suite: Suite
  readonly seq: number
  readonly head: Uint8Array
  /** Place of the commit that began the epoch: its frame binds what is offered here. */
  readonly epochSeq: number
  /** The parent epoch and its topic seed: the external commit is wrapped and its frame signed under it. */
  readonly epoch: number
  readonly seed: Uint8Array
  readonly groupInfo: Uint8Array
  readonly tree: Uint8Array
  readonly snapshot: Uint8Array
  /** The last moves to other hubs that led here, oldest first. */
  readonly moves?: readonly Move[]
  /** Logs of members, those who came last first, as far as they fit: the device judges the leaves by them. */
  readonly logs?: readonly (readonly Uint8Array[])[]
  /** Where the logs of others are to be asked for. */
  readonly places?: readonly Place[]
}

/** Where a person's log is to be asked for. */
export interface Place {
  readonly address: Address
  readonly relays: readonly RelayUrl[]
}

/** The sealed body that travels with an add commit. */
export interface WelcomeBody {
  readonly welcome: Uint8Array
  readonly tree: Uint8Array
  readonly snapshot: Uint8Array
  /** Logs of the members, so that their leaves can be judged, as far as they fit. */
  readonly logs: readonly (readonly Uint8Array[])[]
  /** Where the other members' logs are to be asked for. */
  readonly places: readonly Place[]
  /** People who have accepted, by the inviter's word. */
  readonly heard: readonly Address[]
  /** The last moves to other hubs that led here, oldest first. */
  readonly moves?: readonly Move[]
}

const VERSION = 2
/** Relays that are told of one person. */
const PLACES = 8

const reader = (bytes: Uint8Array, format: string) => {
  const malformed = (reason: string) => new DchatError('protocol/malformed', { format, reason })
  const value = decodeCbor(bytes, format, { items: 65_536, size: 64 * 1024 * 1024 })
  if (!Array.isArray(value) || value[0] !== VERSION) throw malformed('version')
  const fields = value as unknown[]
  const isBytes = (candidate: unknown, length?: number): candidate is Uint8Array =>
    candidate instanceof Uint8Array && (length === undefined || candidate.length === length)
  return {
    has: (at: number): boolean => fields[at] !== undefined,
    isEmpty(at: number): boolean {
      const field = fields[at]
      return Array.isArray(field) && field.length === 0
    },
    bytes(at: number, length?: number): Uint8Array {
      const field = fields[at]
      if (!isBytes(field, length)) throw malformed(`field ${at}`)
      return field
    },
    count(at: number): number {
      const field = fields[at]
      if (!Number.isSafeInteger(field) || (field as number) < 0) throw malformed(`field ${at}`)
      return field as number
    },
    suite(at: number): Suite {
      if (!SUITES.includes(fields[at] as Suite)) throw malformed(`field ${at}`)
      return fields[at] as Suite
    },
    hub(at: number): Hub {
      return hubOf(fields[at])
    },
    moves(at: number): readonly Move[] {
      return movesOf(fields[at])
    },
    list(at: number, max: number): Uint8Array[] {
      const field = fields[at]
      if (!Array.isArray(field) || field.length > max || !field.every((entry) => isBytes(entry)))
        throw malformed(`field ${at}`)
      return field as Uint8Array[]
    },
    text(at: number): string {
      const field = fields[at]
      if (typeof field !== 'string') throw malformed(`field ${at}`)
      return field
    },
    /** Texts, or lists of texts. */
    texts(at: number, max: number): string[][] {
      const field = fields[at]
      if (!Array.isArray(field) || field.length > max) throw malformed(`field ${at}`)
      return field.map((item: unknown) => {
        const list: unknown[] = Array.isArray(item) ? item : [item]
        if (!list.every((text) => typeof text === 'string')) throw malformed(`field ${at}`)
        return list as string[]
      })
    },
    flag(at: number): boolean {
      const field = fields[at]
      if (typeof field !== 'boolean') throw malformed(`field ${at}`)
      return field
    },
    lists(at: number, max: number): Uint8Array[][] {
      const field = fields[at]
      const wellFormed =
        Array.isArray(field) &&
        field.length <= max &&
        field.every((log) => Array.isArray(log) && log.length > 0 && log.every((entry) => isBytes(entry)))
      if (!wellFormed) throw malformed(`field ${at}`)
      return field as Uint8Array[][]
    },
  }
}

export const encodeWelcomePointer = (pointer: WelcomePointer): Uint8Array =>
  encodeCbor([
    VERSION,
    pointer.room,
    pointer.topic,
    hubValue(pointer.hub),
    pointer.suite,
    pointer.seq,
    pointer.package,
    pointer.blobs,
    pointer.blobKey,
    pointer.kind,
    pointer.name,
    pointer.people,
    ...(pointer.profile === undefined ? [] : [pointer.profile]),
  ])

/** Throws `protocol/malformed` or `protocol/too-large`, as the other readers here do. */
export const decodeWelcomePointer = (bytes: Uint8Array): WelcomePointer => {
  const at = reader(bytes, 'welcome pointer')
  const kind = at.text(9)
  const name = at.text(10)
  if (!isRoomKind(kind) || !isName(name))
    throw new DchatError('protocol/malformed', { format: 'welcome pointer', reason: 'kind or name' })
  return {
    room: at.bytes(1, 32),
    topic: at.bytes(2, 32),
    hub: at.hub(3),
    suite: at.suite(4),
    seq: at.count(5),
    package: at.bytes(6),
    blobs: at.list(7, 256),
    blobKey: at.bytes(8, 32),
    kind,
    name,
    people: at.count(11),
    ...(at.has(12) ? { profile: at.bytes(12) } : {}),
  }
}

export const encodeInvitationAnswer = ({ room, accepted }: InvitationAnswer): Uint8Array =>
  encodeCbor([VERSION, room, accepted])

export const decodeInvitationAnswer = (bytes: Uint8Array): InvitationAnswer => {
  const at = reader(bytes, 'invitation answer')
  return { room: at.bytes(1, 32), accepted: at.flag(2) }
}

export const encodeMovedNote = ({ room, from, topic, hub, epoch, proof, moves }: MovedNote): Uint8Array => {
  const tail = moves === undefined ? [] : [movesValue(moves)]
  const why = proof === undefined && moves === undefined ? [] : [proof ?? []]
  return encodeCbor([VERSION, room, from, topic, hubValue(hub), epoch, ...why, ...tail])
}

export const decodeMovedNote = (bytes: Uint8Array): MovedNote => {
  const at = reader(bytes, 'moved note')
  const proof = at.has(6) ? at.list(6, 2) : []
  return {
    room: at.bytes(1, 32),
    from: at.bytes(2, 32),
    topic: at.bytes(3, 32),
    hub: at.hub(4),
    epoch: at.count(5),
    ...(proof.length > 0 ? { proof } : {}),
    ...(at.has(7) ? { moves: at.moves(7) } : {}),
  }
}

export const encodeAdmitRequest = (request: AdmitRequest): Uint8Array =>
  encodeCbor([
    VERSION,
    request.room,
    request.topic,
    request.keyPackage,
    ...(request.since === undefined ? [] : [request.since]),
    ...(request.since === undefined || request.read === undefined ? [] : [request.read]),
  ])

export const decodeAdmitRequest = (bytes: Uint8Array): AdmitRequest => {
  const at = reader(bytes, 'admit request')
  return {
    room: at.bytes(1, 32),
    topic: at.bytes(2, 32),
    keyPackage: at.bytes(3),
    ...(at.has(4) ? { since: at.count(4) } : {}),
    ...(at.has(5) ? { read: at.count(5) } : {}),
  }
}

export const encodeRoomStateOffer = (offer: RoomStateOffer): Uint8Array => {
  const { moves, logs = [], places = [] } = offer
  const knows = logs.length > 0 || places.length > 0
  return encodeCbor([
    VERSION,
    offer.room,
    offer.topic,
    hubValue(offer.hub),
    offer.suite,
    offer.seq,
    offer.head,
    offer.epoch,
    offer.seed,
    offer.groupInfo,
    offer.tree,
    offer.snapshot,
    offer.epochSeq,
    ...(moves === undefined && !knows ? [] : [movesValue(moves ?? [])]),
    ...(knows ? [logs, placesValue(places)] : []),
  ])
}

const placesValue = (places: readonly Place[]): CborValue => places.map(({ address, relays }) => [address, ...relays])

export const decodeRoomStateOffer = (bytes: Uint8Array): RoomStateOffer => {
  const at = reader(bytes, 'room state')
  return {
    room: at.bytes(1, 32),
    topic: at.bytes(2, 32),
    hub: at.hub(3),
    suite: at.suite(4),
    seq: at.count(5),
    head: at.bytes(6, 32),
    epoch: at.count(7),
    seed: at.bytes(8, 32),
    groupInfo: at.bytes(9),
    tree: at.bytes(10),
    snapshot: at.bytes(11),
    epochSeq: at.count(12),
    ...(at.has(13) && !at.isEmpty(13) ? { moves: at.moves(13) } : {}),
    ...(at.has(14) ? { logs: at.lists(14, PEOPLE_LIMIT), places: placesAt(at, 15) } : {}),
  }
}

const placesAt = (at: ReturnType<typeof reader>, field: number): readonly Place[] =>
  at.texts(field, PEOPLE_LIMIT).map(([address = '', ...relays]) => ({
    address: parseAddress(address),
    relays: relays.slice(0, PLACES).map(parseRelayUrl),
  }))

export const encodeWelcomeBody = (body: WelcomeBody): Uint8Array =>
  encodeCbor([
    VERSION,
    body.welcome,
    body.tree,
    body.snapshot,
    body.logs,
    placesValue(body.places),
    body.heard,
    ...(body.moves === undefined ? [] : [movesValue(body.moves)]),
  ])

export const decodeWelcomeBody = (bytes: Uint8Array): WelcomeBody => {
  const at = reader(bytes, 'welcome')
  const heard = at.texts(6, PEOPLE_LIMIT).map(([address = '']) => parseAddress(address))
  return {
    welcome: at.bytes(1),
    tree: at.bytes(2),
    snapshot: at.bytes(3),
    logs: at.lists(4, PEOPLE_LIMIT),
    places: placesAt(at, 5),
    heard,
    ...(at.has(7) ? { moves: at.moves(7) } : {}),
  }
}
