import { expect, test } from 'vitest'
import { decodeCbor, encodeCbor } from '../../src/protocol/wire/cbor.ts'

test.each([1, 23, 24, 300, 5000, 70_000])('%i bytes are encoded and decoded to plain bytes of their own', (length) => {
  const encoded = encodeCbor([new Uint8Array(length), 'a text of more than twenty-four characters'])
  expect(encoded.constructor).toBe(Uint8Array)
  expect(encoded.slice().buffer.byteLength).toBe(encoded.length)
  const source = Buffer.from(encoded)
  const [bytes] = decodeCbor(source, 'test') as [Uint8Array]
  expect(bytes.constructor).toBe(Uint8Array)
  source.fill(255)
  expect(bytes.every((byte) => byte === 0)).toBe(true)
})
