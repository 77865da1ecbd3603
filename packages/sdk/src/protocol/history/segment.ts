import { DchatError } from '../../errors.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { isCount } from './fields.ts'
import type { PastMessage } from './message.ts'
import { messageOf, messageValue } from './message-codec.ts'
import { Names, tableOf } from './table.ts'

/** Some messages, oldest first. `version` grows with each writing: by it a reader knows a copy that a relay kept too long. */
export interface Segment {
  readonly version: number
  readonly messages: readonly PastMessage[]
  /** Of messages that are steps of offers: the steps with their signatures and receipts, each in a form of its own (offers.md). */
  readonly steps?: readonly Uint8Array[]
}

const VERSION = 1
/** Bytes; what a slot of the archive holds, with what sealing adds. */
export const SEGMENT_LIMIT = 256 * 1024 - 64
const MESSAGES_LIMIT = 4_096
const STEP_LIMIT = 128 * 1024
export const VERSIONS = 2 ** 40

const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'history', reason })

/** CBOR `[1, version, [people, devices, rooms], messages, steps]`. */
export const encodeSegment = ({ version, messages, steps = [] }: Segment): Uint8Array => {
  const names = new Names()
  const values = messages.map((message) => messageValue(message, names))
  return encodeCbor([VERSION, version, names.value(), values, steps])
}

/** Throws `protocol/malformed` and `protocol/too-large` only. */
export const decodeSegment = (bytes: Uint8Array): Segment => {
  const value = decodeCbor(bytes, 'history', { size: 1024 * 1024, items: 1_000_000, depth: 8 })
  if (!Array.isArray(value) || value.length !== 5 || value[0] !== VERSION) throw malformed('version')
  const [, version, names, messages, steps] = value as unknown[]
  if (!isCount(version, VERSIONS)) throw malformed('version')
  if (!Array.isArray(messages) || messages.length > MESSAGES_LIMIT) throw malformed('messages')
  if (!Array.isArray(steps) || steps.length > MESSAGES_LIMIT || !steps.every(isStep)) throw malformed('steps')
  const table = tableOf(names)
  return {
    version,
    messages: messages.map((message) => messageOf(message, table)),
    ...(steps.length === 0 ? {} : { steps: steps as Uint8Array[] }),
  }
}

/** Bytes that a message takes in a segment, its names apart. */
export const sizeOf = (message: PastMessage): number => encodeCbor(messageValue(message, new Names())).length

const isStep = (value: unknown): boolean => value instanceof Uint8Array && value.length <= STEP_LIMIT
