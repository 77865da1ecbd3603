import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { nodeCrypto } from '../../../src/adapters/crypto/node.ts'
import {
  decodeSignedListing,
  encodeSignedListing,
  isSignedListing,
  LISTING_LIMIT,
  listingHash,
  readListingBody,
  signListing,
  writeListingBody,
} from '../../../src/protocol/offers/listing.ts'
import { type CborValue, decodeCbor, encodeCbor } from '../../../src/protocol/wire/cbor.ts'
import { toHex } from '../../../src/util/bytes.ts'
import { ANN } from '../../domain/offers/support.ts'
import { mutated, typedOrThrow } from '../../support/mutation.ts'

const price = { minor: '1250', currency: 'EUR', exponent: 2 }
const listing = {
  id: '0a'.repeat(16),
  version: 1,
  seller: ANN,
  device: 'aa'.repeat(32),
  at: 5,
  title: 'Chairs',
  items: [
    { id: '1', title: 'Chair', unitPrice: price, stock: 4, attributes: { wood: 'oak' } },
    { id: '2', title: 'Stool', stock: 0 },
  ],
  terms: { expiresIn: 3_600, revocable: false, delivery: { mode: 'pickup', place: 'Riga' } as const, refund: 'none' },
  text: 'Four of them',
}
const body = writeListingBody(listing)
const signature = new Uint8Array(64).fill(9)
const decoded = (bytes: Uint8Array) => decodeCbor(bytes, 'test') as Record<string, CborValue>

test('what is written is read, and written again to the same bytes', () => {
  expect(readListingBody(body)).toEqual(listing)
  expect(writeListingBody(readListingBody(body))).toEqual(body)
  expect(decodeSignedListing(encodeSignedListing({ body, signature }))).toEqual({ listing, body, signature })
})

test('its hash and its signature are over every byte, what a later version adds too', async () => {
  const crypto = nodeCrypto()
  const seed = new Uint8Array(32).fill(3)
  const device = toHex(await crypto.ed25519.publicKey(seed))
  const signed = await signListing(crypto, seed, { ...listing, device })
  expect(await isSignedListing(crypto, signed)).toBe(true)
  const later = encodeCbor({ ...decoded(signed.body), colour: 'blue' })
  expect(listingHash(later)).not.toBe(listingHash(signed.body))
  expect(await isSignedListing(crypto, { ...signed, body: later })).toBe(false)
})

describe('refused', () => {
  const [first] = listing.items
  test.each<[string, Record<string, unknown>]>([
    ['another version of the form', { v: 2 }],
    ['version 0', { version: 0 }],
    ['nothing for sale', { items: [] }],
    ['two items of one id', { items: [first, first] }],
    ['two currencies', { items: [first, { ...first, id: '2', unitPrice: { ...price, currency: 'USD' } }] }],
    ['a negative price', { items: [{ ...first, unitPrice: { ...price, minor: '-1' } }] }],
    ['less than nothing', { items: [{ ...first, stock: -1 }] }],
    ['an expiry that no offer may have', { terms: { expiresIn: 1 } }],
    ['an address in capitals', { seller: ANN.toUpperCase() }],
    ['a text that is too long in bytes', { text: 'ö'.repeat(4_000) }],
  ])('%s', (_, changes) => {
    const wrong = encodeCbor({ ...decoded(body), ...changes } as CborValue)
    expect(() => readListingBody(wrong)).toThrow(expect.objectContaining({ code: 'protocol/malformed' }))
  })

  test('what is too large', () => {
    expect(() => readListingBody(new Uint8Array(LISTING_LIMIT + 1))).toThrow(
      expect.objectContaining({ code: 'protocol/too-large' }),
    )
  })
})

test('whatever bytes come, it is a listing or a typed error', () => {
  const seeds = [body, encodeSignedListing({ body, signature })]
  fc.assert(
    fc.property(mutated(seeds), (bytes) => {
      typedOrThrow(() => readListingBody(bytes))
      typedOrThrow(() => decodeSignedListing(bytes))
    }),
    { numRuns: 2_000 },
  )
})
