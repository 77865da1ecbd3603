import type { Crypto, Verifier } from '../../ports/crypto.ts'
import type { ListingBody } from '../../records/listing.ts'
import { concat, fromHex, toHex, utf8 } from '../../util/bytes.ts'
import { sha256 } from '../../util/hash.ts'
import { type CborValue, decodeCbor, encodeCbor } from '../wire/cbor.ts'
import { anything, array, bytes, int, literal, malformed, optional, record, text, tuple } from '../wire/schema.ts'
import { address, hex, money } from './fields.ts'
import { attributes, LISTED, TEXT_LIMIT } from './terms.ts'

/** Bytes of one signed listing. */
export const LISTING_LIMIT = 64 * 1024

const VERSION = 1
const FORMAT = 'listing'

/** A listing and the bytes that were signed. They are kept as they came, because everything is hashed over them. */
export interface SignedListing {
  readonly listing: ListingBody
  /** Deterministic CBOR. */
  readonly body: Uint8Array
  /** Ed25519 by the seller's device over `listingStatement(body)`. */
  readonly signature: Uint8Array
}

const shape = record({
  v: literal(VERSION),
  id: hex(16),
  version: int(1),
  seller: address,
  device: hex(32),
  at: int(),
  title: text(200, 1),
  items: array(
    record({
      id: text(64, 1),
      title: text(200, 1),
      unitPrice: optional(money),
      stock: int(0, 1_000_000_000),
      attributes: optional(attributes),
    }),
    1,
    100,
  ),
  terms: optional(anything),
  text: optional(text(TEXT_LIMIT)),
})

const termsShape = record(LISTED)

/** What the device signs: `"dchat/listing/v1" ‖ 0x00 ‖ body`. */
const listingStatement = (body: Uint8Array): Uint8Array => concat(utf8('dchat/listing/v1'), new Uint8Array(1), body)

/** What `terms.listing.hash` names. */
export const listingHash = (body: Uint8Array): string => toHex(sha256(listingStatement(body)))

/** The listing in signed bytes. Throws `protocol/malformed` and `protocol/too-large` only. */
export const readListingBody = (body: Uint8Array): ListingBody => {
  const value = decodeCbor(body, FORMAT, { size: LISTING_LIMIT, depth: 8, items: 10_000 })
  const { v: _, terms: given, ...listing } = shape(value, FORMAT)
  const terms = given === undefined ? undefined : termsShape(given, `${FORMAT}.terms`)
  const fault = faultOf(listing)
  if (fault !== undefined) throw malformed(FORMAT, fault)
  return { ...listing, ...(terms && { terms }) } as ListingBody
}

const faultOf = ({ items, text: words }: Pick<ListingBody, 'items' | 'text'>): string | undefined => {
  if (new Set(items.map(({ id }) => id)).size !== items.length) return 'two items have one id'
  const [first, ...others] = items.flatMap(({ unitPrice }) => (unitPrice === undefined ? [] : [unitPrice]))
  if (
    first !== undefined &&
    others.some(({ currency, exponent }) => currency !== first.currency || exponent !== first.exponent)
  )
    return 'all prices have one currency'
  if (items.some(({ unitPrice }) => unitPrice?.minor.startsWith('-'))) return 'no price is negative'
  return words !== undefined && utf8(words).length > TEXT_LIMIT ? `the text has at most ${TEXT_LIMIT} bytes` : undefined
}

/** The bytes to sign. Throws `protocol/malformed` for a listing that no reader would take. */
export const writeListingBody = ({ id, device, ...rest }: ListingBody): Uint8Array => {
  const raw = (given: string) => fromHex(given) as Uint8Array
  const body = encodeCbor({ v: VERSION, ...rest, id: raw(id), device: raw(device) } as unknown as CborValue)
  readListingBody(body)
  return body
}

/** Signs a listing by the device whose `seed` this is. Throws `protocol/malformed` for one that no reader would take. */
export const signListing = async (
  crypto: Pick<Crypto, 'ed25519'>,
  seed: Uint8Array,
  listing: ListingBody,
): Promise<SignedListing> => {
  const body = writeListingBody(listing)
  return {
    listing: readListingBody(body),
    body,
    signature: await crypto.ed25519.sign(seed, listingStatement(body)),
  }
}

/** True if the device that the listing names signed it. Whether that device is its seller's is the identity log's word. */
export const isSignedListing = (crypto: Verifier, { listing, body, signature }: SignedListing): Promise<boolean> =>
  crypto.ed25519.verify(fromHex(listing.device) as Uint8Array, listingStatement(body), signature)

/** As it is kept and handed on: CBOR [body, signature]. */
export const encodeSignedListing = ({ body, signature }: Pick<SignedListing, 'body' | 'signature'>): Uint8Array =>
  encodeCbor([body, signature])

const signed = tuple(bytes(1, LISTING_LIMIT), bytes(64))

/** Reads the form, not the signature. Throws `protocol/malformed` and `protocol/too-large` only. */
export const decodeSignedListing = (encoded: Uint8Array): SignedListing => {
  const value = decodeCbor(encoded, FORMAT, { size: LISTING_LIMIT + 128, depth: 2, items: 4 })
  const [body, signature] = signed(value, FORMAT)
  return { listing: readListingBody(body), body, signature }
}
