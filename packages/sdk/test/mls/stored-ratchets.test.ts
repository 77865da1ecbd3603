import fc from 'fast-check'
import { encode } from 'ts-mls/codec/tlsEncoder.js'
import { varLenTypeEncoder } from 'ts-mls/codec/variableLength.js'
import { type GenerationSecret, generationSecretEncoder } from 'ts-mls/secretTree.js'
import { expect, test } from 'vitest'
import { decodeRatchets, ratchetsEncoder } from '../../src/protocol/mls/stored-ratchets.ts'

const secret = fc.uint8Array({ minLength: 0, maxLength: 70 })
const ratchet: fc.Arbitrary<GenerationSecret> = fc.record({
  secret,
  generation: fc.nat({ max: 0xffffffff }),
  unusedGenerations: fc.oneof(
    fc.constant({}),
    fc.dictionary(fc.nat({ max: 1000 }).map(String), secret, { maxKeys: 3 }),
  ),
})

test('stored ratchets are the encoding of the library, ratchet by ratchet, and come back', () => {
  fc.assert(
    fc.property(fc.array(ratchet, { minLength: 1, maxLength: 40 }), (ratchets) => {
      const node = (application: GenerationSecret) => ({ application, handshake: application })
      const tree = ratchets.flatMap((application, at) =>
        (at === 0 ? [] : [node(application)]).concat(node(application)),
      )
      const stored = encode(ratchetsEncoder)(tree)
      expect(stored).toEqual(encode(varLenTypeEncoder(generationSecretEncoder))(ratchets))
      const decoded = decodeRatchets(stored, 0)
      expect(decoded?.[1]).toBe(stored.length)
      expect(decoded?.[0].filter((_node, index) => index % 2 === 0).map(({ application }) => application)).toEqual(
        ratchets,
      )
    }),
  )
})
