import { DchatError, isDchatError } from '../../errors.ts'
import { type CborValue, decodeCbor, encodeCbor, hashOf, statement } from '../wire/cbor.ts'
import { LOG_ENTRY_LIMIT } from '../wire/limits.ts'
import { RELAY_URL_LIMIT } from '../wire/relay-url.ts'
import { array, bytes, int, literal, optional, record, type Schema, text } from '../wire/schema.ts'
import { type Genesis, IDENTITY_KINDS } from './address.ts'

const DEVICE_NAME_LIMIT = 64
export const LOG_RELAYS_LIMIT = 8
/** Bytes of an X-Wing public key. */
export const XWING_KEY_LENGTH = 1216

/** What an entry changes. Device keys sign none of these: the root or the recovery key does. */
export type EntryBody =
  | {
      readonly kind: 'add-device'
      /** Ed25519: the MLS leaf key. */
      readonly deviceKey: Uint8Array
      /** X-Wing, 1216 bytes. */
      readonly introKey: Uint8Array
      /** At most 64 characters, for people. */
      readonly name?: string | undefined
      /** Milliseconds since 1970, by the owner's clock; shown, never judged. */
      readonly at?: number | undefined
    }
  | { readonly kind: 'revoke-device'; readonly deviceKey: Uint8Array }
  /** Home relays (at most 8) and the X-Wing archive key, as a whole. */
  | { readonly kind: 'set-relays'; readonly relays: readonly string[]; readonly archiveKey: Uint8Array }
  /** The new key signs too. */
  | { readonly kind: 'rotate-root'; readonly key: Uint8Array }
  | { readonly kind: 'rotate-recovery'; readonly key: Uint8Array }

export type SignerRole = 'root' | 'recovery'

/** What is signed and hashed. The hash covers no signature, so a second valid signature is not a second history. */
export interface EntryContent {
  readonly version: 1
  /** From 1: place 0 is the genesis. */
  readonly index: number
  /** Hash of the entry before. */
  readonly previous: Uint8Array
  readonly signer: SignerRole
  /** The signer's Ed25519 public key; a recovery key shows itself here for the first time. */
  readonly key: Uint8Array
  readonly body: EntryBody
}

export interface SignedEntry {
  readonly content: EntryContent
  /** By `content.key` over `entryStatement(content)`. */
  readonly signature: Uint8Array
  /** By the new key of a rotation, over the same bytes. */
  readonly proof?: Uint8Array | undefined
}

const bad = (reason: string, cause?: unknown) => new DchatError('identity/bad-log', { reason }, { cause })

/** Signed bytes are read strictly: a field that is not known here is refused, not skipped. */
const exact =
  <T extends object>(schema: Schema<T>): Schema<T> =>
  (value, at) => {
    const out = schema(value, at)
    if (Object.keys(out).length !== Object.keys(value as object).length) throw bad('an entry has an unknown field')
    return out
  }

/** A later reader turns the text into a `RelayUrl` or skips it: URL parsers differ, and validity of a log must not. */
const relayText: Schema<string> = (value, at) => {
  const url = text(RELAY_URL_LIMIT)(value, at)
  if (!/^wss?:\/\/[!-~]+$/.test(url)) throw bad('a relay is not a ws:// or wss:// URL')
  return url
}

const BODIES: { readonly [T in EntryBody['kind']]: Schema<Extract<EntryBody, { kind: T }>> } = {
  'add-device': exact(
    record({
      kind: literal('add-device'),
      deviceKey: bytes(32),
      introKey: bytes(XWING_KEY_LENGTH),
      name: optional(text(DEVICE_NAME_LIMIT, 1)),
      at: optional(int()),
    }),
  ),
  'revoke-device': exact(record({ kind: literal('revoke-device'), deviceKey: bytes(32) })),
  'set-relays': exact(
    record({
      kind: literal('set-relays'),
      relays: array(relayText, 0, LOG_RELAYS_LIMIT),
      archiveKey: bytes(XWING_KEY_LENGTH),
    }),
  ),
  'rotate-root': exact(record({ kind: literal('rotate-root'), key: bytes(32) })),
  'rotate-recovery': exact(record({ kind: literal('rotate-recovery'), key: bytes(32) })),
}

const bodySchema: Schema<EntryBody> = (value, at) => {
  const kind = value !== null && typeof value === 'object' && 'kind' in value ? value.kind : undefined
  if (typeof kind !== 'string' || !Object.hasOwn(BODIES, kind)) throw bad('an entry is of an unknown kind')
  return BODIES[kind as EntryBody['kind']](value, at)
}

const genesisSchema: Schema<Genesis> = exact(
  record({ version: literal(1), kind: literal(...IDENTITY_KINDS), root: bytes(32), recovery: bytes(32) }),
)

const entrySchema: Schema<SignedEntry> = exact(
  record({
    content: exact(
      record({
        version: literal(1),
        index: int(1),
        previous: bytes(32),
        signer: literal('root', 'recovery'),
        key: bytes(32),
        body: bodySchema,
      }),
    ),
    signature: bytes(64),
    proof: optional(bytes(64)),
  }),
)

const decodeWith = <T>(encoded: Uint8Array, schema: Schema<T>, index: number): T => {
  try {
    return schema(decodeCbor(encoded, 'identity log entry', { size: LOG_ENTRY_LIMIT, depth: 6, items: 128 }), 'entry')
  } catch (cause) {
    if (isDchatError(cause, 'identity/bad-log')) throw cause
    throw bad(`entry ${index} cannot be read`, cause)
  }
}

const signable = (content: EntryContent): CborValue => ({ ...content, body: { ...content.body } })

export const entryStatement = (content: EntryContent): Uint8Array => statement('identity-entry', signable(content))
export const entryHash = (content: EntryContent): Uint8Array => hashOf('identity-entry', signable(content))

export const encodeGenesis = ({ version, kind, root, recovery }: Genesis): Uint8Array =>
  encodeCbor({ version, kind, root, recovery })

export const encodeEntry = ({ content, signature, proof }: SignedEntry): Uint8Array =>
  encodeCbor({ content: signable(content), signature, proof })

/** Throws `identity/bad-log`. */
export const decodeGenesis = (encoded: Uint8Array): Genesis => decodeWith(encoded, genesisSchema, 0)
/** Throws `identity/bad-log`. */
export const decodeEntry = (encoded: Uint8Array, index: number): SignedEntry => decodeWith(encoded, entrySchema, index)

/** One verified entry. `content` is absent at place 0, whose content is the log's `genesis`. */
export interface LogEntry {
  readonly index: number
  readonly hash: Uint8Array
  /** As it travels. */
  readonly encoded: Uint8Array
  readonly content?: EntryContent
}
