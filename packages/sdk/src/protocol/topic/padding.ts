import { DchatError } from '../../errors.ts'

const KIB = 1024

/** Bytes that the wrap adds around the padded text: 32 random ones and the AES-GCM tag of 16. */
export const WRAP_OVERHEAD = 48

/** The largest wrapped body: fifteen times 64 KiB, so that a body and its frame fit into one link frame of 1 MiB. */
export const WRAPPED_LIMIT = 15 * 64 * KIB

const LENGTH_BYTES = 4
const SMALL = [256, KIB, 4 * KIB, 16 * KIB, 64 * KIB]

/** The largest MLS message that fits into one entry. */
export const MESSAGE_LIMIT = WRAPPED_LIMIT - WRAP_OVERHEAD - LENGTH_BYTES

/**
 * The wrapped length that a message of `length` bytes gets: what the relay sees. 256 B, 1, 4, 16, 64 KiB, then multiples
 * of 64 KiB; the class is exact on the wire, wrap overhead included.
 */
export const wrappedLengthOf = (length: number): number => {
  const needed = length + LENGTH_BYTES + WRAP_OVERHEAD
  return SMALL.find((size) => size >= needed) ?? Math.ceil(needed / (64 * KIB)) * 64 * KIB
}

/** True for a length that `wrapEntry` can produce: the relay may refuse others. */
export const isWrappedLength = (length: number): boolean =>
  length <= WRAPPED_LIMIT && (SMALL.includes(length) || (length > 0 && length % (64 * KIB) === 0))

/** Length (4 bytes, big-endian) ‖ bytes ‖ zeros, up to the class less the wrap's overhead. Throws `protocol/too-large`. */
export const pad = (bytes: Uint8Array): Uint8Array => {
  if (bytes.length > MESSAGE_LIMIT)
    throw new DchatError('protocol/too-large', { what: 'entry', size: bytes.length, limit: MESSAGE_LIMIT })
  const out = new Uint8Array(wrappedLengthOf(bytes.length) - WRAP_OVERHEAD)
  new DataView(out.buffer).setUint32(0, bytes.length)
  out.set(bytes, LENGTH_BYTES)
  return out
}

/** The bytes inside. Only the one form that `pad` makes is accepted; anything else is `protocol/malformed`. */
export const unpad = (padded: Uint8Array): Uint8Array => {
  const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'padding', reason })
  if (!isWrappedLength(padded.length + WRAP_OVERHEAD)) throw malformed('its length is not one of the classes')
  const length = new DataView(padded.buffer, padded.byteOffset, padded.length).getUint32(0)
  if (wrappedLengthOf(length) !== padded.length + WRAP_OVERHEAD) throw malformed('the inner length is of another class')
  for (let i = LENGTH_BYTES + length; i < padded.length; i++)
    if (padded[i] !== 0) throw malformed('it is not filled with zeros')
  return padded.slice(LENGTH_BYTES, LENGTH_BYTES + length)
}
