import { DchatError } from '../../errors.ts'
import { type CborValue, decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { bytes, int, literal, tuple } from '../wire/schema.ts'

/** The number stands in the encrypted part: a relay sees no difference between any two signals (signals.md). */
export const SIGNAL_KINDS = { typing: 0, stopped: 1, online: 2, offline: 3, call: 4 } as const
export type SignalKind = keyof typeof SIGNAL_KINDS

const KINDS = Object.keys(SIGNAL_KINDS) as readonly SignalKind[]
const VERSION = 1

/** Bytes of one signal as the relay sees it, whatever it says. */
export const SIGNAL_BYTES = 1_024
/** Bytes that a signal of kind `call` carries at most; all others carry none. */
export const SIGNAL_PAYLOAD_LIMIT = 768

export interface Signal {
  readonly kind: SignalKind
  /** Ed25519 key of the device that signed it. */
  readonly deviceKey: Uint8Array
  /** The sender's clock, ms since 1970; grows with each signal of a device in a topic. */
  readonly time: number
  readonly payload: Uint8Array
}

/** What a signal is bound to: it says nothing in another topic or epoch. */
export interface SignalContext {
  readonly topic: Uint8Array
  readonly epoch: number
}

const refuse = (reason: string) => new DchatError('protocol/malformed', { format: 'signal', reason })

const parse = tuple(
  literal(VERSION),
  int(0, KINDS.length - 1),
  bytes(32),
  int(),
  bytes(0, SIGNAL_PAYLOAD_LIMIT),
  bytes(64),
)

/** What the device signs, under the use `signal`. */
export const signalStatement = (
  { topic, epoch }: SignalContext,
  { kind, deviceKey, time, payload }: Signal,
): CborValue => [VERSION, topic, epoch, SIGNAL_KINDS[kind], deviceKey, time, payload]

/** CBOR array [version, kind, device key, time, payload, signature]. */
export const encodeSignal = ({ kind, deviceKey, time, payload }: Signal, signature: Uint8Array): Uint8Array =>
  encodeCbor([VERSION, SIGNAL_KINDS[kind], deviceKey, time, payload, signature])

/** Throws `protocol/malformed` or `protocol/too-large`; the signature is not checked here. */
export const decodeSignal = (encoded: Uint8Array): { readonly signal: Signal; readonly signature: Uint8Array } => {
  const value = decodeCbor(encoded, 'signal', { size: SIGNAL_BYTES, depth: 2 })
  const [, number, deviceKey, time, payload, signature] = parse(value, 'signal')
  const kind = KINDS[number] as SignalKind
  if (kind !== 'call' && payload.length > 0) throw refuse('it carries what its kind does not')
  return { signal: { kind, deviceKey, time, payload }, signature }
}

const LENGTH_BYTES = 2

/** Length (2 bytes, big-endian) ‖ bytes ‖ zeros. */
export const padSignal = (encoded: Uint8Array, size: number): Uint8Array => {
  if (encoded.length > size - LENGTH_BYTES)
    throw new DchatError('protocol/too-large', { what: 'signal', size: encoded.length, limit: size - LENGTH_BYTES })
  const out = new Uint8Array(size)
  new DataView(out.buffer).setUint16(0, encoded.length)
  out.set(encoded, LENGTH_BYTES)
  return out
}

/** Only the one form that `padSignal` makes is accepted; anything else is `protocol/malformed`. */
export const unpadSignal = (padded: Uint8Array): Uint8Array => {
  if (padded.length < LENGTH_BYTES) throw refuse('it is cut off')
  const end = LENGTH_BYTES + new DataView(padded.buffer, padded.byteOffset, padded.length).getUint16(0)
  if (end > padded.length) throw refuse('it is longer than it can be')
  for (let i = end; i < padded.length; i++) if (padded[i] !== 0) throw refuse('it is not filled with zeros')
  return padded.slice(LENGTH_BYTES, end)
}
