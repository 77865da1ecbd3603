import { DchatError, type ErrorCode, type ErrorCodes, isDchatError } from '../../errors.ts'
import { ADDRESS_LIMIT, ID_LIMIT, NAME_LIMIT, REASON_LIMIT, RETRY_AFTER_LIMIT } from './limits.ts'
import { array, int, record, type Schema, text } from './schema.ts'

const words = text(REASON_LIMIT)
const name = text(NAME_LIMIT)
const hex = text(ADDRESS_LIMIT)
const versions = array(int(0, 0xffff), 0, 16)

/** The codes that a relay may answer with; the others speak of this device and would mislead from afar. */
const FROM_RELAY: { readonly [C in ErrorCode]?: Schema<ErrorCodes[C]> } = {
  'usage/invalid-argument': record({ name, reason: words }),
  'identity/bad-address': record({ reason: words }),
  'identity/bad-log': record({ reason: words }),
  'identity/frozen': record({ address: hex }),
  'identity/device-revoked': record({ device: hex }),
  'identity/unknown-peer': record({ peer: hex, hint: words }),
  'transport/unreachable': record({ relay: words, reason: words }),
  'transport/rate-limited': record({ retryAfter: int(0, RETRY_AFTER_LIMIT) }),
  'transport/rejected': record({ relay: words, reason: words }),
  'relay/stale-identity-log': record({ relay: words }),
  'relay/wrong-epoch': record({ topic: hex, epoch: int() }),
  'relay/lost-entries': record({ topic: hex, seq: int(), known: int() }),
  'relay/bad-receipt': record({ relay: words, reason: words }),
  'relay/unknown-topic': record({ topic: hex }),
  'relay/unknown-blob': record({}),
  'relay/not-permitted': record({ what: words }),
  'relay/not-invited': record({ reason: words }),
  'relay/conflict': record({ what: words }),
  'relay/quota': record({ what: words, limit: int() }),
  'protocol/malformed': record({ format: words, reason: words }),
  'protocol/unsupported-version': record({ found: versions, supported: versions }),
  'protocol/too-large': record({ what: words, size: int(), limit: int(0, ID_LIMIT) }),
  'crypto/bad-signature': record({ what: words }),
}

export interface WireError {
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, string | number | readonly number[]>>
}

const rejected = (reason: string): WireError => ({ code: 'transport/rejected', details: { relay: '', reason } })

const fits = (code: ErrorCode, details: unknown): WireError | undefined => {
  try {
    const read = FROM_RELAY[code]?.(details, 'error')
    return read && { code, details: read as unknown as WireError['details'] }
  } catch {
    return undefined
  }
}

/** Pauses are computed as fractions; on the wire there are whole numbers only. */
const rounded = (details: object): object =>
  Object.fromEntries(Object.entries(details).map(([k, v]) => [k, typeof v === 'number' ? Math.ceil(v) : v]))

/**
 * An error as it leaves a relay. What is not meant for others (a defect, the state of the relay's own disk) leaves as
 * `transport/rejected` or `transport/unreachable` without its text.
 */
export const encodeError = (error: unknown): WireError => {
  if (!isDchatError(error)) return rejected('internal error')
  if (error.code.startsWith('storage/'))
    return { code: 'transport/unreachable', details: { relay: '', reason: 'the relay cannot store at the moment' } }
  return fits(error.code, rounded(error.details)) ?? rejected('internal error')
}

/**
 * The error that a relay answered with. Only codes that a relay may use, with well-formed details, are built again;
 * anything else is `transport/rejected`. `relay` replaces whatever name the answer carries.
 */
export const decodeError = (code: unknown, details: unknown, relay: string): DchatError => {
  const known =
    typeof code === 'string' && Object.hasOwn(FROM_RELAY, code) ? fits(code as ErrorCode, details) : undefined
  if (!known) return new DchatError('transport/rejected', { relay, reason: 'it answered with an unknown error' })
  const told = 'relay' in known.details ? { ...known.details, relay } : known.details
  return new DchatError(known.code, told as ErrorCodes[ErrorCode])
}
