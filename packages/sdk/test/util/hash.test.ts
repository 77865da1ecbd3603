import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hmacSha256, hmacSha256Under } from '../../src/util/hash.ts'

const bytes = (maxLength: number) => fc.uint8Array({ maxLength })

test('a prepared key gives the HMAC of each text, as Node does, however many came before', () => {
  fc.assert(
    fc.property(bytes(100), fc.array(bytes(300), { maxLength: 5 }), (key, texts) => {
      const prepared = hmacSha256Under(key)
      for (const text of texts) {
        const expected = new Uint8Array(createHmac('sha256', key).update(text).digest())
        expect(prepared(text)).toEqual(expected)
        expect(hmacSha256(key, text)).toEqual(expected)
      }
    }),
  )
})
