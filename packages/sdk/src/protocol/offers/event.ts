import type { ConversationId } from '../../records/ids.ts'
import { OFFER_EVENTS, type OfferEvent, type OfferEventType, REASONS, type Terms } from '../../records/offer.ts'
import { concat, equalBytes, fromHex, toHex, utf8 } from '../../util/bytes.ts'
import { sha256 } from '../../util/hash.ts'
import { type CborValue, decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { anything, bytes, int, literal, malformed, optional, record, text, tuple } from '../wire/schema.ts'
import { address, hex, money } from './fields.ts'
import { readTerms, termsHash, termsValue } from './terms.ts'

/** Bytes of one signed event. */
export const EVENT_LIMIT = 64 * 1024
/** Revisions and settlement steps of one thread, so that no chain grows without end. */
const SEQ_LIMIT = 1000

const VERSION = 1
const FORMAT = 'offer event'
/** Types with terms in them; the others name the terms by their hash, or not at all. */
const WITH_TERMS: readonly string[] = ['propose', 'counter']
const WITH_HASH: readonly string[] = [...WITH_TERMS, 'accept', 'commit']

/** An event and the bytes that were signed. They are kept as they came, because everything is hashed over them. */
export interface SignedOfferEvent {
  readonly event: OfferEvent
  /** Deterministic CBOR. */
  readonly body: Uint8Array
  /** Ed25519 by the author's device over `offerStatement(body)`. */
  readonly signature: Uint8Array
}

const data = record({
  rail: optional(text(32, 1)),
  request: optional(text(64, 1)),
  uri: optional(text(2048)),
  reference: optional(text(256)),
  amount: optional(money),
  expiresAt: optional(int()),
  note: optional(text(1000)),
  outcome: optional(literal('release', 'refund', 'split')),
  available: optional(int()),
})

const shape = record({
  v: literal(VERSION),
  conversation: text(64, 1),
  thread: hex(16),
  type: text(32, 1),
  seq: int(0, SEQ_LIMIT),
  prev: optional(hex(32)),
  author: address,
  device: hex(32),
  at: int(),
  terms: optional(anything),
  termsHash: optional(hex(32)),
  reason: optional(literal(...REASONS)),
  data: optional(data),
})

/** What the device signs: `"dchat/offer/v1" ‖ 0x00 ‖ body`. */
export const offerStatement = (body: Uint8Array): Uint8Array => concat(utf8('dchat/offer/v1'), new Uint8Array(1), body)

export const offerEventId = (body: Uint8Array): string => toHex(sha256(offerStatement(body)))

const typeOf = (name: string): OfferEvent['type'] =>
  OFFER_EVENTS.includes(name as OfferEventType) ? (name as OfferEventType) : { unknown: name }

/** The event in signed bytes. Throws `protocol/malformed` and `protocol/too-large` only. */
export const readOfferBody = (body: Uint8Array): OfferEvent => {
  const value = decodeCbor(body, FORMAT, { size: EVENT_LIMIT, depth: 12, items: 10_000 })
  const read = shape(value, FORMAT)
  const { v: _, type: name, terms: given, conversation, thread, seq, prev, author, device, at, reason } = read
  if ((seq === 0) !== (prev === undefined)) throw malformed(FORMAT, 'the first event, and no other, has none before it')
  const type = typeOf(name)
  if ((type === 'propose') !== (seq === 0) && typeof type === 'string')
    throw malformed(FORMAT, 'a thread begins with a proposal, and only once')
  const terms = termsOf(name, given)
  if (terms !== undefined && !equalBytes(termsHash(given as CborValue), fromHex(read.termsHash ?? '') ?? body))
    throw malformed(FORMAT, 'the hash is of other terms')
  if (WITH_HASH.includes(name) !== (read.termsHash !== undefined) && typeof type === 'string')
    throw malformed(FORMAT, 'terms and their hash go with proposals, counters, acceptances and commitments')
  return {
    id: offerEventId(body),
    conversation: conversation as ConversationId,
    thread,
    type,
    seq,
    author,
    device,
    at,
    ...(prev !== undefined && { prev }),
    ...(terms && { terms }),
    ...(read.termsHash !== undefined && { termsHash: read.termsHash }),
    ...(reason !== undefined && { reason }),
    ...(read.data && { data: read.data }),
  }
}

const termsOf = (type: string, given: unknown): Terms | undefined => {
  if (WITH_TERMS.includes(type) !== (given !== undefined) && OFFER_EVENTS.includes(type as OfferEventType))
    throw malformed(FORMAT, 'terms go with proposals and counters')
  return WITH_TERMS.includes(type) ? readTerms(given) : undefined
}

/** A seller's word to who has an open offer: so many are left (offers.md, "What is left"). No step: the rules do not know it. */
export const STOCK_NOTICE = 'stock'

/** What an author decides of an event; the rest follows. */
export type OfferDraft = Omit<OfferEvent, 'id' | 'type' | 'termsHash'> & {
  readonly type: OfferEventType | typeof STOCK_NOTICE
  /** `accept` and `commit`: of the terms that are answered. */
  readonly termsHash?: string
}

const raw = (text: string) => fromHex(text) as Uint8Array

/** The bytes to sign. Throws `protocol/malformed` for a draft that no reader would take. */
export const writeOfferBody = (draft: OfferDraft): Uint8Array => {
  const { thread, prev, device, terms, termsHash: answered, ...rest } = draft
  const value = terms && termsValue(terms)
  const hash = value === undefined ? answered && raw(answered) : termsHash(value)
  const body = encodeCbor({
    v: VERSION,
    ...rest,
    thread: raw(thread),
    device: raw(device),
    prev: prev === undefined ? undefined : raw(prev),
    terms: value,
    termsHash: hash || undefined,
  } as unknown as CborValue)
  readOfferBody(body)
  return body
}

/** As it travels and as it stands in a receipt: CBOR [body, signature]. */
export const encodeSignedOffer = ({ body, signature }: Pick<SignedOfferEvent, 'body' | 'signature'>): Uint8Array =>
  encodeCbor([body, signature])

const signed = tuple(bytes(1, EVENT_LIMIT), bytes(64))

/** Reads the form, not the signature: see `verifyOffer`. Throws `protocol/malformed` and `protocol/too-large` only. */
export const decodeSignedOffer = (encoded: Uint8Array): SignedOfferEvent => {
  const value = decodeCbor(encoded, FORMAT, { size: EVENT_LIMIT + 128, depth: 2, items: 4 })
  const [body, signature] = signed(value, FORMAT)
  return { event: readOfferBody(body), body, signature }
}
