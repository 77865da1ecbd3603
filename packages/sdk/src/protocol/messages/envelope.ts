import { DchatError } from '../../errors.ts'
import { decodeCbor, encodeCbor } from '../wire/cbor.ts'

/**
 * The plaintext of an application message (topic.md and messages.md): what its author had verified of the topic, its
 * identity log's head, the log's entries where readers may miss them, and one payload.
 * Wire: CBOR array [version, seq, head, log head, log | null, kind, payload], behind it the salt where there is one.
 */
export interface Envelope {
  /** The last (seq, head) that the author had verified: two members who were told different orders find out. */
  readonly seen: { readonly seq: number; readonly head: Uint8Array }
  readonly logHead: Uint8Array
  /** The author's whole identity log, in the first entry that names a new head. */
  readonly log?: readonly Uint8Array[]
  /** What opens the commitment with which the entry's wrap begins, where the payload is a step of an offer (offers.md). */
  readonly salt?: Uint8Array
  readonly payload:
    | { readonly kind: 'content'; readonly content: Uint8Array }
    /** Ends this room of a direct message in favour of another one (groups.md). */
    | { readonly kind: 'close'; readonly winner: Uint8Array }
    /** The author's person leaves: a signature over `leaveStatement`, with which any member then commits the Remove. */
    | { readonly kind: 'leave'; readonly signature: Uint8Array }
    /** The author's person has accepted the invitation. */
    | { readonly kind: 'accept' }
    /** One device of a person to the others, in their self-conversation (personal.md). */
    | { readonly kind: 'personal'; readonly personal: Uint8Array }
    /** What the author's person tells of itself (groups.md). */
    | { readonly kind: 'profile'; readonly profile: Uint8Array }
    /** In a channel: content of the group that is within the bot's scope (bots.md). */
    | { readonly kind: 'copy'; readonly content: Uint8Array }
    /** What a restricted bot says, signed: in its channel, and carried into the group by a member (bots.md). */
    | { readonly kind: 'post'; readonly post: Uint8Array }
}

const VERSION = 1
/** In the order of their numbers on the wire. */
const KINDS = ['content', 'close', 'leave', 'accept', 'personal', 'profile', 'copy', 'post'] as const

export const encodeEnvelope = (envelope: Envelope): Uint8Array => {
  const { seen, logHead, log, payload, salt } = envelope
  const kind = KINDS.indexOf(payload.kind)
  const fields = [VERSION, seen.seq, seen.head, logHead, log ?? null, kind, payloadBytes(payload)]
  return encodeCbor(salt === undefined ? fields : [...fields, salt])
}

/** What of the payload stands on the wire, beside its kind. */
export const payloadBytes = (payload: Envelope['payload']): Uint8Array => {
  if (payload.kind === 'content' || payload.kind === 'copy') return payload.content
  if (payload.kind === 'close') return payload.winner
  if (payload.kind === 'personal') return payload.personal
  if (payload.kind === 'profile') return payload.profile
  if (payload.kind === 'post') return payload.post
  return payload.kind === 'leave' ? payload.signature : new Uint8Array(0)
}

const payloadOf = (kind: unknown, bytes: Uint8Array): Envelope['payload'] => {
  const name = KINDS[kind as number]
  if (name === 'content') return { kind: name, content: bytes }
  if (name === 'close' && bytes.length === 32) return { kind: name, winner: bytes }
  if (name === 'leave' && bytes.length === 64) return { kind: name, signature: bytes }
  if (name === 'accept' && bytes.length === 0) return { kind: name }
  if (name === 'personal') return { kind: name, personal: bytes }
  if (name === 'profile') return { kind: name, profile: bytes }
  if (name === 'copy') return { kind: name, content: bytes }
  if (name === 'post') return { kind: name, post: bytes }
  throw malformed('kind')
}

const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'envelope', reason })

const isBytes = (value: unknown, length?: number): value is Uint8Array =>
  value instanceof Uint8Array && (length === undefined || value.length === length)

/** Throws `protocol/malformed`, `protocol/too-large` or `protocol/unsupported-version`. */
export const decodeEnvelope = (bytes: Uint8Array): Envelope => {
  const value = decodeCbor(bytes, 'envelope', { items: 4096 })
  if (!Array.isArray(value)) throw malformed('it is not an array')
  const [version, seq, head, logHead, log, kind, payload, salt] = value as unknown[]
  if (version !== VERSION)
    throw new DchatError('protocol/unsupported-version', {
      found: typeof version === 'number' ? [version] : [],
      supported: [VERSION],
    })
  if (!Number.isSafeInteger(seq) || (seq as number) < 0) throw malformed('seq')
  if (!isBytes(head, 32) || !isBytes(logHead, 32)) throw malformed('head')
  if (log !== null && !(Array.isArray(log) && log.every((entry) => isBytes(entry)))) throw malformed('log')
  if (!isBytes(payload)) throw malformed('payload')
  const shared = { seen: { seq: seq as number, head }, logHead, ...(log === null ? {} : { log: log as Uint8Array[] }) }
  if (salt !== undefined && !isBytes(salt, 16)) throw malformed('salt')
  return { ...shared, ...(salt === undefined ? {} : { salt }), payload: payloadOf(kind, payload) }
}
