import { DchatError, isDchatError } from '../../errors.ts'
import type { Address, RelayUrl } from '../../records/ids.ts'
import { parseRelayUrl } from '../wire/relay-url.ts'
import { parseAddress } from './address.ts'
import { LOG_RELAYS_LIMIT } from './log-entry.ts'

/** A person and where to ask for them. A link carries hints, never authority: the log decides (identity.md). */
export interface Peer {
  readonly address: Address
  /** At most 8. */
  readonly relays: readonly RelayUrl[]
}

const SCHEME = 'dchat:'
const LIMIT = 2048

const bad = (reason: string, cause?: unknown) => new DchatError('identity/bad-address', { reason }, { cause })

/** `dchat:<address>?r=<relay>&r=<relay>`, at most 2 KiB; relays beyond the eighth, or beyond the size, are left out. */
export const formatInvite = ({ address, relays }: Peer): string => {
  const link = (hints: readonly RelayUrl[]) =>
    `${SCHEME}${address}${hints.map((relay, i) => `${i === 0 ? '?' : '&'}r=${encodeURIComponent(relay)}`).join('')}`
  let hints = [...new Set(relays)].slice(0, LOG_RELAYS_LIMIT)
  while (link(hints).length > LIMIT) hints = hints.slice(0, -1)
  return link(hints)
}

const relayOf = (text: string): RelayUrl => {
  try {
    return parseRelayUrl(decodeURIComponent(text))
  } catch (cause) {
    const reason = isDchatError(cause, 'usage/invalid-argument') ? cause.details.reason : 'it is not encoded as a link'
    throw bad(`one of its relays is not valid: ${reason}`, cause)
  }
}

/** Throws `identity/bad-address`. Parameters that this version does not know are ignored. */
export const parseInvite = (text: string): Peer => {
  const link = text.trim()
  if (link.length > LIMIT) throw bad(`it is longer than ${LIMIT} characters`)
  if (link.slice(0, SCHEME.length).toLowerCase() !== SCHEME) throw bad('it does not begin with dchat:')
  const mark = link.indexOf('?')
  const address = parseAddress(link.slice(SCHEME.length, mark < 0 ? link.length : mark))
  const parameters = mark < 0 ? [] : link.slice(mark + 1).split('&')
  const relays = parameters
    .filter((parameter) => parameter.startsWith('r='))
    .map((parameter) => relayOf(parameter.slice(2)))
  if (relays.length > LOG_RELAYS_LIMIT) throw bad(`it names more than ${LOG_RELAYS_LIMIT} relays`)
  return { address, relays: [...new Set(relays)] }
}

/** An address (`dchat1…`) or an invite link (`dchat:dchat1…`). Throws `identity/bad-address`. */
export const parsePeer = (text: string): Peer =>
  text.trim().slice(0, SCHEME.length).toLowerCase() === SCHEME
    ? parseInvite(text)
    : { address: parseAddress(text), relays: [] }
