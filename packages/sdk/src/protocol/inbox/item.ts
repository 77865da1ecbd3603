import { DchatError } from '../../errors.ts'
import type { Crypto } from '../../ports/crypto.ts'
import { utf8 } from '../../util/bytes.ts'
import { decodeCbor, encodeCbor, statement } from '../wire/cbor.ts'

/** What a sealed inbox item may carry (groups.md). */
export const INBOX_KINDS = ['welcome', 'admit', 'state', 'answer', 'moved', 'approve', 'gone'] as const
export type InboxKind = (typeof INBOX_KINDS)[number]

/** An item as its reader sees it after the seal was opened; the log and the signature are the caller's to verify. */
export interface InboxItemContent {
  readonly kind: InboxKind
  readonly deviceKey: Uint8Array
  /** The sender's whole identity log: a relay must not decide what is valid by withholding it. */
  readonly log: readonly Uint8Array[]
  readonly body: Uint8Array
}

const VERSION = 1
const INFO = utf8('dchat/inbox-item/v1')
const malformed = (reason: string) => new DchatError('protocol/malformed', { format: 'inbox item', reason })

/** Names the reader, so that an item cannot be passed on to somebody else's inbox. */
const signed = (reader: Uint8Array, kind: InboxKind, body: Uint8Array): Uint8Array =>
  statement('inbox-item', [reader, kind, body])

/** Signs by the sender's device and seals to the reader's intro key; the relay learns neither. */
export const sealInboxItem = async (
  crypto: Crypto,
  sender: { readonly seed: Uint8Array; readonly deviceKey: Uint8Array; readonly log: readonly Uint8Array[] },
  reader: { readonly deviceKey: Uint8Array; readonly introKey: Uint8Array },
  kind: InboxKind,
  body: Uint8Array,
): Promise<Uint8Array> => {
  const signature = await crypto.ed25519.sign(sender.seed, signed(reader.deviceKey, kind, body))
  const plaintext = encodeCbor([VERSION, kind, sender.deviceKey, sender.log, body, signature])
  return crypto.box.seal(reader.introKey, plaintext, INFO)
}

/** Opens the seal and checks the device's signature. Throws `crypto/cannot-decrypt`, `crypto/bad-signature`, `protocol/malformed`. */
export const openInboxItem = async (
  crypto: Crypto,
  reader: { readonly deviceKey: Uint8Array; readonly introSeed: Uint8Array },
  sealed: Uint8Array,
): Promise<InboxItemContent> => {
  const value = decodeCbor(await crypto.box.open(reader.introSeed, sealed, INFO), 'inbox item', { items: 8192 })
  if (!Array.isArray(value) || value[0] !== VERSION) throw malformed('version')
  const [, kind, deviceKey, log, body, signature] = value as unknown[]
  if (!INBOX_KINDS.includes(kind as InboxKind)) throw malformed('kind')
  if (!(deviceKey instanceof Uint8Array) || deviceKey.length !== 32) throw malformed('device key')
  if (!Array.isArray(log) || !log.every((entry) => entry instanceof Uint8Array)) throw malformed('log')
  if (!(body instanceof Uint8Array) || !(signature instanceof Uint8Array)) throw malformed('body')
  const genuine = await crypto.ed25519.verify(deviceKey, signed(reader.deviceKey, kind as InboxKind, body), signature)
  if (!genuine) throw new DchatError('crypto/bad-signature', { what: 'inbox item' })
  return { kind: kind as InboxKind, deviceKey, log: log as Uint8Array[], body }
}
