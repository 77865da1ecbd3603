import { expect, test } from 'vitest'
import { areContradicted, areProof } from '../../src/protocol/topic/evidence.ts'
import { encodeReceipt } from '../../src/protocol/topic/receipt-codec.ts'
import type { Receipt } from '../../src/protocol/wire/methods.ts'

const bytes = (length: number, fill: number) => new Uint8Array(length).fill(fill)

const receipt = (of: Partial<Receipt>): Uint8Array =>
  encodeReceipt({
    topic: bytes(32, 1),
    seq: 4,
    previous: bytes(32, 2),
    entry: bytes(32, 3),
    kind: 'application',
    time: 1_767_225_600_000,
    index: 0,
    size: 1,
    path: [],
    signature: bytes(64, 4),
    ...of,
  })

test('one receipt proves a lie beside another one that this person holds', () => {
  const one = receipt({})
  const other = receipt({ entry: bytes(32, 5) })
  expect(areProof([one])).toBe(false)
  expect(areContradicted([one], [receipt({ seq: 9 }), other])).toBe(true)
  expect(areContradicted([one], [receipt({ seq: 9 }), one])).toBe(false)
  expect(areContradicted([one], [receipt({ entry: bytes(32, 5), topic: bytes(32, 6) })])).toBe(false)
  expect(areContradicted([], [other])).toBe(false)
})
