import { DchatError } from '../../errors.ts'
import type { DeviceId } from '../../records/ids.ts'
import { fromHex, toHex, utf8 } from '../../util/bytes.ts'
import { type CborValue, decodeCbor, encodeCbor } from '../wire/cbor.ts'

/** One register as it travels: who wrote it when, and what; undefined: it was taken back. */
export interface WireRegister {
  /** Kinds that a reader does not know are kept and passed on. */
  readonly kind: string
  readonly subject: string
  readonly tag: { readonly time: number; readonly device: DeviceId }
  readonly value: CborValue | undefined
}

/**
 * What the devices of one person say to each other in their self-conversation (personal.md).
 * Wire: CBOR array [number of the type, …fields].
 */
export type Personal =
  /** Registers that changed, or all of them when a device comes in. */
  | { readonly type: 'set'; readonly registers: readonly WireRegister[] }
  /** A device that came in asks for what it missed. `history` is what it asks of the past, in the words of archive.md. */
  | { readonly type: 'ask'; readonly id: Uint8Array; readonly state: boolean; readonly history?: Uint8Array }
  /** All registers, as the answer to an `ask`; `part` counts from 0. */
  | {
      readonly type: 'state'
      readonly ask: Uint8Array
      readonly part: number
      readonly parts: number
      readonly registers: readonly WireRegister[]
    }
  /** Archive keys (archive.md). */
  | { readonly type: 'keys'; readonly body: Uint8Array }
  /** A piece of the past (archive.md). */
  | { readonly type: 'history'; readonly body: Uint8Array }

/** In the order of their numbers on the wire. */
const TYPES = ['set', 'ask', 'state', 'keys', 'history'] as const

/** Bytes of one message of this kind; it fits into a frame with everything around it. */
const PERSONAL_LIMIT = 960 * 1024
export const ASK_LENGTH = 16
const REGISTERS_LIMIT = 4_096
const PARTS_LIMIT = 65_536
const KIND = /^[a-z][a-z0-9-]{0,31}$/
const SUBJECT_LIMIT = 128
/** Clocks that are wrong by millennia still leave numbers to count on with. */
export const TIME_LIMIT = 2 ** 51
const DEVICE_LENGTH = 16

export const encodePersonal = (personal: Personal): Uint8Array =>
  encodeCbor([TYPES.indexOf(personal.type), ...fieldsOf(personal)])

const fieldsOf = (personal: Personal): CborValue[] => {
  switch (personal.type) {
    case 'set':
      return [personal.registers.map(registerValue)]
    case 'ask':
      return [personal.id, personal.state, personal.history ?? null]
    case 'state':
      return [personal.ask, personal.part, personal.parts, personal.registers.map(registerValue)]
    case 'keys':
    case 'history':
      return [personal.body]
  }
}

const registerValue = ({ kind, subject, tag, value }: WireRegister): CborValue => [
  kind,
  subject,
  tag.time,
  fromHex(tag.device) as Uint8Array,
  value ?? null,
]

/** Bytes that a register takes in a message. */
export const registerSize = (register: WireRegister): number => encodeCbor(registerValue(register)).length

const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'personal', reason })

const must = <T>(holds: boolean, value: unknown, reason: string): T => {
  if (!holds) throw malformed(reason)
  return value as T
}

const isBytes = (value: unknown, length?: number): value is Uint8Array =>
  value instanceof Uint8Array && (length === undefined || value.length === length)
const isCount = (value: unknown, below: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < below
const isText = (value: unknown, limit: number): boolean =>
  typeof value === 'string' && value.length > 0 && utf8(value).length <= limit

/** Throws `protocol/malformed` and `protocol/too-large` only. What values hold is judged by who knows their kind. */
export const decodePersonal = (bytes: Uint8Array): Personal => {
  const fields = decodeCbor(bytes, 'personal', { size: PERSONAL_LIMIT, items: 262_144 })
  if (!Array.isArray(fields)) throw malformed('shape')
  const [number, a, b, c, d] = fields as unknown[]
  const type = TYPES[number as number]
  if (type === undefined) throw malformed('type')
  const personal = personalOf(type, a, b, c, d)
  if (fields.length !== fieldsOf(personal).length + 1) throw malformed('shape')
  return personal
}

const personalOf = (type: Personal['type'], a: unknown, b: unknown, c: unknown, d: unknown): Personal => {
  switch (type) {
    case 'set':
      return { type, registers: registersOf(a) }
    case 'ask':
      return {
        type,
        id: must(isBytes(a, ASK_LENGTH), a, 'id'),
        state: must(typeof b === 'boolean', b, 'state'),
        ...(c === null ? {} : { history: must<Uint8Array>(isBytes(c), c, 'history') }),
      }
    case 'state': {
      const parts = must<number>(isCount(c, PARTS_LIMIT), c, 'parts')
      return {
        type,
        ask: must(isBytes(a, ASK_LENGTH), a, 'ask'),
        part: must(isCount(b, parts), b, 'part'),
        parts,
        registers: registersOf(d),
      }
    }
    case 'keys':
    case 'history':
      return { type, body: must(isBytes(a), a, 'body') }
  }
}

const registersOf = (value: unknown): readonly WireRegister[] => {
  if (!Array.isArray(value) || value.length > REGISTERS_LIMIT) throw malformed('registers')
  return value.map((item: unknown): WireRegister => {
    if (!Array.isArray(item) || item.length !== 5) throw malformed('register')
    const [kind, subject, time, device, content] = item as unknown[]
    return {
      kind: must(typeof kind === 'string' && KIND.test(kind), kind, 'kind of a register'),
      subject: must(isText(subject, SUBJECT_LIMIT), subject, 'subject'),
      tag: {
        time: must(isCount(time, TIME_LIMIT), time, 'time'),
        device: toHex(must<Uint8Array>(isBytes(device, DEVICE_LENGTH), device, 'device')) as DeviceId,
      },
      value: content === null ? undefined : (content as CborValue),
    }
  })
}
