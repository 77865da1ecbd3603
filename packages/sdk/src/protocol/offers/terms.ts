import { LINE_KINDS, type Money, OFFER_ROLES, type Terms } from '../../records/offer.ts'
import { equalBytes, fromHex, utf8 } from '../../util/bytes.ts'
import { type CborValue, encodeCbor, hashOf } from '../wire/cbor.ts'
import { array, bool, int, literal, malformed, optional, record, type Schema, text } from '../wire/schema.ts'
import { address, hex, money } from './fields.ts'
import { sameUnit, sumOf } from './money.ts'

/** Seconds. */
const EXPIRY = { least: 600, most: 2_592_000 } as const
/** Bytes of UTF-8. */
export const TEXT_LIMIT = 4096

export const attributes: Schema<Readonly<Record<string, string>>> = (value, at) => {
  if (value === null || typeof value !== 'object' || Array.isArray(value) || value instanceof Uint8Array)
    throw malformed(at, 'a map is expected')
  const entries = Object.entries(value)
  if (entries.length > 32) throw malformed(at, 'at most 32 attributes are expected')
  return Object.fromEntries(entries.map(([key, given]) => [text(64, 1)(key, at), text(256)(given, `${at}.${key}`)]))
}

/** Terms that a listing may name for offers that are made from it. */
export const LISTED = {
  expiresIn: optional(int(EXPIRY.least, EXPIRY.most)),
  revocable: optional(bool),
  delivery: optional(
    record({
      mode: literal('pickup', 'ship', 'digital', 'none'),
      place: optional(text(200)),
      from: optional(int()),
      until: optional(int()),
    }),
  ),
  payment: optional(
    record({
      rails: array(text(32, 1), 1, 16),
      timing: literal('before', 'on', 'after'),
      moderator: optional(address),
      deadline: optional(int(0, 31_536_000)),
    }),
  ),
  refund: optional(text(1000)),
  language: optional(text(35, 2)),
} as const

const FIELDS = {
  role: literal(...OFFER_ROLES),
  items: array(
    record({
      id: text(64, 1),
      title: text(200, 1),
      quantity: int(1),
      unitPrice: optional(money),
      attributes: optional(attributes),
    }),
    1,
    100,
  ),
  price: record({
    total: money,
    lines: array(record({ kind: literal(...LINE_KINDS), amount: money, label: optional(text(100)) }), 1, 50),
  }),
  expiresIn: int(EXPIRY.least, EXPIRY.most),
  revocable: bool,
  parties: array(address, 0, 200),
  takers: int(1, 1_000_000),
  threshold: optional(int(2, 200)),
  listing: optional(record({ id: hex(16), version: int(1), seller: address, hash: hex(32) })),
  delivery: LISTED.delivery,
  payment: LISTED.payment,
  text: optional(text(TEXT_LIMIT)),
  refund: LISTED.refund,
  attachments: optional(
    array(record({ hash: hex(32), size: int(), mediaType: text(127, 1), name: text(255, 1) }), 0, 20),
  ),
  language: LISTED.language,
} as const

const shape = record(FIELDS)

/**
 * Terms as they came, checked whole. What this version does not know is named in `unread`. Throws `protocol/malformed` with
 * the place that is wrong.
 */
export const readTerms = (value: unknown): Terms => {
  const read = shape(value, 'terms')
  const named = Object.keys(value as object).filter((name) => !Object.hasOwn(FIELDS, name))
  // A field of a later version may also stand deeper: then what was read is not what was signed.
  const whole = named.length > 0 || equalBytes(encodeCbor(termsValue(read)), encodeCbor(value as CborValue))
  const unread = whole ? named.sort() : ['…']
  const terms: Terms = unread.length === 0 ? read : { ...read, unread }
  const fault = termsFault(terms)
  if (fault !== undefined) throw malformed('terms', fault)
  return terms
}

/** What no single field shows; undefined if the terms are sound. */
const termsFault = (terms: Terms): string | undefined => priceFault(terms) ?? partiesFault(terms) ?? textFault(terms)

const priceFault = ({ price: { total, lines }, items }: Terms): string | undefined => {
  const amounts = [...lines.map(({ amount }) => amount), ...items.flatMap(({ unitPrice }) => unitPrice ?? [])]
  if (!amounts.every((amount) => sameUnit(amount, total))) return 'all amounts are of one currency'
  for (const { kind, amount } of lines) {
    const negative = amount.minor.startsWith('-')
    if (negative && kind !== 'discount') return 'only a discount is negative'
    if (!negative && kind === 'discount' && amount.minor !== '0') return 'a discount is negative'
  }
  if (total.minor.startsWith('-')) return 'the total is not negative'
  if (sumOf(lines.map(({ amount }) => amount)) !== BigInt(total.minor)) return 'the total is the sum of the lines'
  if (items.some(({ unitPrice }) => unitPrice?.minor.startsWith('-'))) return 'a unit price is not negative'
  if (!items.every(({ unitPrice }) => unitPrice !== undefined)) return undefined
  const worth = items.reduce(
    (sum, { quantity, unitPrice }) => sum + BigInt(quantity) * BigInt((unitPrice as Money).minor),
    BigInt(0),
  )
  const goods = sumOf(lines.filter(({ kind }) => kind === 'goods').map(({ amount }) => amount))
  return goods === worth ? undefined : 'the lines of goods are the items at their unit prices'
}

const partiesFault = ({ parties, takers, threshold, items, listing, payment }: Terms): string | undefined => {
  if (new Set(parties).size !== parties.length) return 'a party is named twice'
  if (new Set(items.map(({ id }) => id)).size !== items.length) return 'two items have one id'
  if (payment?.moderator !== undefined && parties.includes(payment.moderator)) return 'the moderator is no party'
  if (threshold === undefined)
    return parties.length > 0 && takers > parties.length ? 'more takers than parties' : undefined
  if (takers !== 1) return 'who sign together are one taker'
  if (listing !== undefined) return 'an offer of a listing is not signed jointly'
  return threshold <= parties.length ? undefined : 'the threshold is more than the parties'
}

const textFault = ({ text, delivery }: Terms): string | undefined => {
  if (text !== undefined && utf8(text).length > TEXT_LIMIT) return `the text has at most ${TEXT_LIMIT} bytes`
  const { from, until } = delivery ?? {}
  return from !== undefined && until !== undefined && until < from ? 'the delivery ends before it begins' : undefined
}

/** As deterministic CBOR has it: hexadecimal fields become bytes, absent ones are left out. `unread` cannot be written. */
export const termsValue = (terms: Terms): CborValue => {
  const { unread: _, listing, attachments, ...rest } = terms
  const raw = (text: string) => fromHex(text) as Uint8Array
  return {
    ...rest,
    ...(listing && { listing: { ...listing, id: raw(listing.id), hash: raw(listing.hash) } }),
    ...(attachments && { attachments: attachments.map((one) => ({ ...one, hash: raw(one.hash) })) }),
  } as unknown as CborValue
}

/** Over the terms as they came, fields of later versions included. */
export const termsHash = (value: CborValue): Uint8Array => hashOf('offer-terms', value)
