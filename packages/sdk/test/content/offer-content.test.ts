import { expect, test } from 'vitest'
import { composeOffer } from '../../src/protocol/content/compose-offer.ts'
import { interpret } from '../../src/protocol/content/interpret.ts'
import { roomUriOf, senderUriOf } from '../../src/protocol/content/message-id.ts'
import { decodeMimi } from '../../src/protocol/content/mimi-codec.ts'
import { readContent } from '../../src/protocol/content/read.ts'
import { decodeEnvelope, type Envelope, encodeEnvelope } from '../../src/protocol/messages/envelope.ts'
import { decodeCbor, encodeCbor } from '../../src/protocol/wire/cbor.ts'
import { ANN } from '../domain/offers/support.ts'

const frame = { salt: new Uint8Array(16), senderUri: senderUriOf(ANN), roomUri: roomUriOf(new Uint8Array(32)) }
const SENTENCE = 'Offer #3f9a2c1b: 2 × Chair, EUR 120.00, open for 1 day, /accept 3f9a2c1b'

test('a step of an offer is read as one, and by a client that knows nothing of offers as its sentence', () => {
  const signed = new Uint8Array([1, 2, 3])
  const bytes = composeOffer(signed, SENTENCE, frame)
  expect(readContent(bytes)).toMatchObject({ kind: 'offer', signed, content: { type: 'unknown', fallback: SENTENCE } })
  expect(interpret(decodeMimi(bytes))).toMatchObject({ type: 'unknown', fallback: SENTENCE })
})

test('the envelope carries the salt behind everything else, and none where there is none', () => {
  const envelope: Envelope = {
    seen: { seq: 3, head: new Uint8Array(32) },
    logHead: new Uint8Array(32),
    payload: { kind: 'content', content: new Uint8Array([1]) },
  }
  expect(decodeEnvelope(encodeEnvelope(envelope))).toEqual(envelope)
  const salted = { ...envelope, salt: new Uint8Array(16).fill(7) }
  expect(decodeEnvelope(encodeEnvelope(salted))).toEqual(salted)
  const fields = decodeCbor(encodeEnvelope(envelope), 'envelope') as never[]
  expect(() => decodeEnvelope(encodeCbor([...fields, new Uint8Array(15)]))).toThrow(
    expect.objectContaining({ code: 'protocol/malformed' }),
  )
})

test('the listing that terms name goes with them behind the words, and is left out where it does not fit', () => {
  const signed = new Uint8Array([1, 2, 3])
  const listing = new Uint8Array(1_000).fill(7)
  const bytes = composeOffer(signed, SENTENCE, frame, listing)
  expect(readContent(bytes)).toMatchObject({ kind: 'offer', signed, listing })
  expect(interpret(decodeMimi(bytes))).toMatchObject({ type: 'unknown', fallback: SENTENCE })
  const large = composeOffer(signed, SENTENCE, frame, new Uint8Array(64 * 1024))
  expect(large).toEqual(composeOffer(signed, SENTENCE, frame))
  expect(readContent(large)).not.toHaveProperty('listing')
})
