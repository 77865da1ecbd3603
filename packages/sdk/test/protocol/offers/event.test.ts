import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeSignedOffer,
  EVENT_LIMIT,
  encodeSignedOffer,
  offerEventId,
  readOfferBody,
  writeOfferBody,
} from '../../../src/protocol/offers/event.ts'
import { type CborValue, decodeCbor, encodeCbor } from '../../../src/protocol/wire/cbor.ts'
import { ANN, BEN, event, terms } from '../../domain/offers/support.ts'
import { mutated, typedOrThrow } from '../../support/mutation.ts'

const draft = {
  conversation: 'c1',
  thread: '00'.repeat(16),
  type: 'propose',
  seq: 0,
  author: ANN,
  device: 'aa'.repeat(32),
  at: 5,
  terms: terms(),
} as Parameters<typeof writeOfferBody>[0]
const body = writeOfferBody(draft)
const signature = new Uint8Array(64).fill(9)
const decoded = (bytes: Uint8Array) => decodeCbor(bytes, 'test') as Record<string, CborValue>

test('what is written is read, and written again to the same bytes', () => {
  const read = readOfferBody(body)
  expect(read).toMatchObject({ type: 'propose', author: ANN, terms: terms(), id: offerEventId(body) })
  expect(writeOfferBody(draft)).toEqual(body)
  const encoded = encodeSignedOffer({ body, signature })
  expect(decodeSignedOffer(encoded)).toEqual({ event: read, body, signature })
})

test('what a later version adds is kept in the bytes and in the id', () => {
  const later = encodeCbor({ ...decoded(body), colour: 'blue' })
  expect(readOfferBody(later).id).not.toBe(readOfferBody(body).id)
  const auction = encodeCbor({ ...decoded(body), type: 'auction' })
  expect(readOfferBody(auction).type).toEqual({ unknown: 'auction' })
})

describe('refused', () => {
  test.each<[string, Record<string, CborValue | undefined>]>([
    ['another version', { v: 2 }],
    ['a proposal in the middle', { seq: 1, prev: new Uint8Array(32) }],
    ['a first event that names one before it', { prev: new Uint8Array(32) }],
    ['a proposal without terms', { terms: undefined }],
    ['terms of another hash', { termsHash: new Uint8Array(32) }],
    ['an acceptance with terms', { type: 'accept', seq: 1, prev: new Uint8Array(32) }],
    ['an address in capitals', { author: ANN.toUpperCase() }],
    ['a reason that is none', { reason: 'because' }],
    ['a chain without end', { seq: 1001, prev: new Uint8Array(32) }],
    ['a short thread id', { thread: new Uint8Array(15) }],
  ])('%s', (_, changes) => {
    const wrong = encodeCbor({ ...decoded(body), ...changes } as CborValue)
    expect(() => readOfferBody(wrong)).toThrow(expect.objectContaining({ code: 'protocol/malformed' }))
  })

  test('more than an event may hold', () => {
    expect(() => readOfferBody(new Uint8Array(EVENT_LIMIT + 1))).toThrow(
      expect.objectContaining({ code: 'protocol/too-large' }),
    )
  })

  test('a draft that nobody would take is not signed', () => {
    expect(() => writeOfferBody({ ...draft, terms: terms({ expiresIn: 1 }) })).toThrow(
      expect.objectContaining({ code: 'protocol/malformed' }),
    )
  })
})

test('random changes of the bytes give typed errors only', () => {
  const accepted = event(BEN, 'accept', readOfferBody(body))
  expect(accepted.seq).toBe(1)
  fc.assert(
    fc.property(mutated([body, encodeSignedOffer({ body, signature })]), (bytes) => {
      typedOrThrow(() => readOfferBody(bytes))
      typedOrThrow(() => decodeSignedOffer(bytes))
    }),
    { numRuns: 5_000 },
  )
})
