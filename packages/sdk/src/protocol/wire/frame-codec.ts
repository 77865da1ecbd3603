import { DchatError } from '../../errors.ts'
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts'
import { FRAME_LIMIT, FRAME_TYPES, type Frame } from './frames.ts'
import {
  AGENT_LIMIT,
  CODE_LIMIT,
  HEARTBEAT_MAX,
  HEARTBEAT_MIN,
  ID_LIMIT,
  NAME_LIMIT,
  REASON_LIMIT,
  RETRY_AFTER_LIMIT,
  WINDOW_LIMIT,
} from './limits.ts'
import { anything, array, bytes, int, malformed, type Schema, text } from './schema.ts'

type Type = Frame['type']
type FrameOf<T extends Type> = Extract<Frame, { type: T }>
type Field<T extends Type> = {
  [K in Exclude<keyof FrameOf<T>, 'type'>]: readonly [name: K, schema: Schema<FrameOf<T>[K]>]
}[Exclude<keyof FrameOf<T>, 'type'>]

const id = int(1, ID_LIMIT)
const code = text(CODE_LIMIT, 1)
const end =
  <T>(schema: Schema<T>): Schema<T | undefined> =>
  (value, at) =>
    value === undefined || value === null ? undefined : schema(value, at)

/** The elements of each frame after its type, in wire order. */
const LAYOUT: { readonly [T in Type]: readonly Field<T>[] } = {
  hello: [
    ['versions', array(int(0, 0xffff), 1, 16)],
    ['agent', text(AGENT_LIMIT)],
    ['nonce', bytes(32)],
  ],
  welcome: [
    ['version', int(0, 0xffff)],
    ['relayKey', bytes(32)],
    ['challenge', bytes(32)],
    ['signature', bytes(64)],
    ['time', int()],
    ['heartbeat', int(HEARTBEAT_MIN, HEARTBEAT_MAX)],
    ['window', int(1, WINDOW_LIMIT)],
  ],
  request: [
    ['id', id],
    ['method', text(NAME_LIMIT, 1)],
    ['params', anything],
  ],
  result: [
    ['id', id],
    ['result', anything],
  ],
  // Id 0: the error is about the connection itself, which then closes.
  error: [
    ['id', int(0, ID_LIMIT)],
    ['code', code],
    ['details', anything],
  ],
  subscribe: [
    ['id', id],
    ['name', text(NAME_LIMIT, 1)],
    ['params', anything],
    ['credit', int(1, WINDOW_LIMIT)],
  ],
  item: [
    ['id', id],
    ['item', anything],
  ],
  credit: [
    ['id', id],
    ['credit', int(1, WINDOW_LIMIT)],
  ],
  unsubscribe: [['id', id]],
  end: [
    ['id', id],
    ['code', end(code)],
    ['details', end(anything)],
  ] as readonly Field<'end'>[],
  ping: [['nonce', int(0, ID_LIMIT)]],
  pong: [['nonce', int(0, ID_LIMIT)]],
  goodbye: [
    ['reason', text(REASON_LIMIT)],
    ['retryAfter', int(0, RETRY_AFTER_LIMIT)],
  ],
  cancel: [['id', id]],
}

const NAMES = new Map<number, Type>((Object.keys(FRAME_TYPES) as Type[]).map((name) => [FRAME_TYPES[name], name]))

/** One frame as one CBOR array. Throws `protocol/too-large` over the frame limit. */
export const encodeFrame = (frame: Frame): Uint8Array => {
  const values = frame as unknown as Readonly<Record<string, CborValue | undefined>>
  const encoded = encodeCbor([FRAME_TYPES[frame.type], ...LAYOUT[frame.type].map(([name]) => values[name] ?? null)])
  if (encoded.length > FRAME_LIMIT)
    throw new DchatError('protocol/too-large', { what: 'frame', size: encoded.length, limit: FRAME_LIMIT })
  return encoded
}

/**
 * Reads one frame. Elements after the known ones belong to a later version and are ignored.
 * Throws `protocol/malformed` (unknown types too) or `protocol/too-large`.
 */
export const decodeFrame = (encoded: Uint8Array): Frame => {
  const value = decodeCbor(encoded, 'frame', { size: FRAME_LIMIT, deterministic: false })
  if (!Array.isArray(value)) throw malformed('frame', 'it is not a list')
  const type = NAMES.get(value[0] as number)
  if (!type) throw malformed('frame', 'its type is unknown')
  const out: Record<string, unknown> = { type }
  LAYOUT[type].forEach(([name, schema]: readonly [string, Schema<unknown>], index) => {
    const field = schema(value[index + 1], `${type}.${name}`)
    if (field !== undefined) out[name] = field
  })
  return out as unknown as Frame
}
