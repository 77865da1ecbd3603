import { DchatError } from '../../errors.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { isCount, isId } from './fields.ts'
import { VERSIONS } from './segment.ts'

/** One segment of a device's chain, as its index tells it. */
export interface IndexedSegment {
  readonly messages: number
  readonly bytes: number
  /** A reader takes this version or a later one. */
  readonly version: number
  /** The accepted time of its newest message, ms since 1970. */
  readonly newest: number
}

/** What one device has in the archive: its segments, numbered from `first` without gaps, newest last. */
export interface SegmentIndex {
  /** 16 random bytes, by which the slots of the chain are named. */
  readonly chain: Uint8Array
  /** Grows with each writing: of two copies the greater counts. */
  readonly version: number
  readonly first: number
  readonly segments: readonly IndexedSegment[]
}

const SEGMENTS_LIMIT = 8_192
export const CHAIN_ID = 16
const FORMAT = 1
const NUMBERS = 2 ** 31

const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'history index', reason })

/** CBOR `[1, chain, version, first, [[messages, bytes, version, newest] …]]`. */
export const encodeIndex = ({ chain, version, first, segments }: SegmentIndex): Uint8Array =>
  encodeCbor([FORMAT, chain, version, first, segments.map((one) => [one.messages, one.bytes, one.version, one.newest])])

/** Throws `protocol/malformed` and `protocol/too-large` only. */
export const decodeIndex = (bytes: Uint8Array): SegmentIndex => {
  const value = decodeCbor(bytes, 'history index', { size: 256 * 1024, depth: 4 })
  if (!Array.isArray(value) || value.length !== 5 || value[0] !== FORMAT) throw malformed('version')
  const [, chain, version, first, segments] = value as unknown[]
  if (!isId(chain, CHAIN_ID)) throw malformed('chain')
  if (!isCount(version, VERSIONS)) throw malformed('version')
  if (!Number.isSafeInteger(first) || Math.abs(first as number) > NUMBERS) throw malformed('first')
  if (!Array.isArray(segments) || segments.length > SEGMENTS_LIMIT) throw malformed('segments')
  return { chain, version, first: first as number, segments: segments.map(segmentOf) }
}

const segmentOf = (value: unknown): IndexedSegment => {
  if (!Array.isArray(value) || value.length !== 4) throw malformed('segment')
  const [messages, bytes, version, newest] = value as unknown[]
  if (!isCount(messages, VERSIONS) || !isCount(bytes, VERSIONS)) throw malformed('segment')
  if (!isCount(version, VERSIONS) || !isCount(newest, 2 ** 51)) throw malformed('segment')
  return { messages, bytes, version, newest }
}
