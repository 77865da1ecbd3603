import { DchatError } from '../../errors.ts'
import type { DeviceId } from '../../records/ids.ts'
import { fromHex, toHex } from '../../util/bytes.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { isCount, isId } from './fields.ts'
import { CHAIN_ID } from './segment-index.ts'

/** What a device asks another own one for: the next piece of the past, newest first. */
export interface HistoryAsk {
  /** The device that gave the piece before, and where it goes on; without them any device may begin. */
  readonly from?: { readonly giver: DeviceId; readonly cursor: number }
  /** Only what the giver has above this place: the rest was given before. */
  readonly until?: number
  /** Messages that were given so far. */
  readonly taken: number
  /** Chains of the archive that were read to their end: who keeps one of them up to date has nothing more to give. */
  readonly chains: readonly Uint8Array[]
  /** How far who gives has to have read in rooms: hex of a room, and a place in it. */
  readonly places: Readonly<Record<string, number>>
}

/** A piece of the past for one device; the others pass it over. */
export interface HistoryPiece {
  /** The id of what it answers. */
  readonly ask: Uint8Array
  readonly to: DeviceId
  /** Where the giver goes on; absent at the end. */
  readonly next?: number
  /** Messages that the giver has in all, and the place of the newest. */
  readonly total: number
  readonly top: number
  /** Encoded segment. */
  readonly segment: Uint8Array
}

const VERSION = 1
const CHAINS_LIMIT = 1_024
/** Rooms whose places are named at most. */
export const PLACES_LIMIT = 512
const COUNTS = 2 ** 40
const ROOM = 32

const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'history transfer', reason })
const deviceOf = (value: unknown): DeviceId => {
  if (!isId(value, 16)) throw malformed('device')
  return toHex(value) as DeviceId
}
const raw = (device: DeviceId): Uint8Array => fromHex(device) as Uint8Array

/** CBOR `[1, [giver, cursor] or null, until or null, taken, chains, [[room, place] …]]`. */
export const encodeHistoryAsk = ({ from, until, taken, chains, places }: HistoryAsk): Uint8Array => {
  const begun = from === undefined ? null : [raw(from.giver), from.cursor]
  const read = Object.entries(places).map(([room, place]) => [fromHex(room) as Uint8Array, place])
  return encodeCbor([VERSION, begun, until ?? null, taken, chains, read])
}

/** Throws `protocol/malformed` and `protocol/too-large` only. */
export const decodeHistoryAsk = (bytes: Uint8Array): HistoryAsk => {
  const value = decodeCbor(bytes, 'history transfer', { size: 64 * 1024, depth: 4 })
  if (!Array.isArray(value) || value.length !== 6 || value[0] !== VERSION) throw malformed('version')
  const [, from, until, taken, chains, places] = value as unknown[]
  if (!isCount(taken, COUNTS)) throw malformed('taken')
  if (!Array.isArray(chains) || chains.length > CHAINS_LIMIT) throw malformed('chains')
  if (!chains.every((chain) => isId(chain, CHAIN_ID))) throw malformed('chains')
  return {
    ...(from === null ? {} : { from: fromOf(from) }),
    ...(until === null ? {} : { until: placeOf(until) }),
    taken,
    chains: chains as Uint8Array[],
    places: placesOf(places),
  }
}

const placeOf = (value: unknown): number => {
  if (!Number.isSafeInteger(value)) throw malformed('place')
  return value as number
}

const placesOf = (value: unknown): HistoryAsk['places'] => {
  if (!Array.isArray(value) || value.length > PLACES_LIMIT) throw malformed('places')
  return Object.fromEntries(
    value.map((item: unknown): [string, number] => {
      if (!Array.isArray(item) || item.length !== 2 || !isId(item[0], ROOM)) throw malformed('places')
      return [toHex(item[0]), placeOf(item[1])]
    }),
  )
}

const fromOf = (value: unknown): NonNullable<HistoryAsk['from']> => {
  if (!Array.isArray(value) || value.length !== 2) throw malformed('cursor')
  return { giver: deviceOf(value[0]), cursor: placeOf(value[1]) }
}

/** CBOR `[1, ask, to, next or null, total, top, segment]`. */
export const encodeHistoryPiece = ({ ask, to, next, total, top, segment }: HistoryPiece): Uint8Array =>
  encodeCbor([VERSION, ask, raw(to), next ?? null, total, top, segment])

/** Throws `protocol/malformed` and `protocol/too-large` only. */
export const decodeHistoryPiece = (bytes: Uint8Array): HistoryPiece => {
  const value = decodeCbor(bytes, 'history transfer', { size: 960 * 1024, depth: 4 })
  if (!Array.isArray(value) || value.length !== 7 || value[0] !== VERSION) throw malformed('version')
  const [, ask, to, next, total, top, segment] = value as unknown[]
  if (!isId(ask, 16) || !(segment instanceof Uint8Array) || !isCount(total, COUNTS)) throw malformed('piece')
  const rest = next === null ? {} : { next: placeOf(next) }
  return { ask, to: deviceOf(to), total, top: placeOf(top), segment, ...rest }
}
