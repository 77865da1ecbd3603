import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRelayUrl } from '../../src/index.ts'
import { MOVES_LIMIT, type Move, movesOf, movesValue } from '../../src/protocol/inbox/moves.ts'
import { HUBS_LIMIT, hubOf, hubsOf, hubValue } from '../../src/protocol/topic/hub.ts'
import { decodeCbor, encodeCbor } from '../../src/protocol/wire/cbor.ts'

const bytes = (length: number, fill = 1) => new Uint8Array(length).fill(fill)
const id = fc.uint8Array({ minLength: 32, maxLength: 32 })
const url = fc.constantFrom('wss://relay.example', 'ws://127.0.0.1:4400', 'wss://far.example:8443').map(parseRelayUrl)
const move: fc.Arbitrary<Move> = fc.record({
  from: id,
  term: fc.maxSafeNat(),
  epoch: fc.maxSafeNat(),
  to: id,
  hub: fc.record({ url, key: id }),
  order: fc.array(id, { maxLength: HUBS_LIMIT }),
})

test('moves come back from their bytes as they went', () => {
  const moves = fc.array(move, { minLength: 1, maxLength: MOVES_LIMIT })
  fc.assert(
    fc.property(moves, (value) => {
      expect(movesOf(decodeCbor(encodeCbor(movesValue(value)), 'moves'))).toEqual(value)
    }),
  )
})

test('a hub and a move are written as hubs.md and groups.md have them', () => {
  const hub = { url: parseRelayUrl('wss://relay.example'), key: bytes(32, 5) }
  const value = [bytes(32), 2, 7, bytes(32, 3), ['wss://relay.example', hub.key], [hub.key]]
  expect(hubValue(hub)).toEqual(['wss://relay.example', hub.key])
  expect(movesValue([{ from: bytes(32), term: 2, epoch: 7, to: bytes(32, 3), hub, order: [hub.key] }])).toEqual([value])
})

const HUB = ['wss://relay.example', bytes(32)]
const WHOLE = [bytes(32), 2, 7, bytes(32), HUB, [bytes(32)]]
const but = (place: number, value: unknown) => [WHOLE.with(place, value as never)]

test.each<[string, unknown]>([
  ['nothing', undefined],
  ['no move', []],
  ['more than are remembered', Array(MOVES_LIMIT + 1).fill(WHOLE)],
  ['something else', 'moves'],
  ['a move that is no list', [{ ...WHOLE }]],
  ['a place too few', [WHOLE.slice(0, -1)]],
  ['a place too many', [[...WHOLE, 1]]],
  ['a short topic', but(0, bytes(31))],
  ['a long topic', but(3, bytes(33))],
  ['a topic in text', but(0, 'a'.repeat(32))],
  ['a term below nothing', but(1, -1)],
  ['half a term', but(1, 1.5)],
  ['an epoch beyond counting', but(2, 2 ** 53)],
  ['an epoch in text', but(2, '7')],
  ['no hub', but(4, null)],
  ['a hub without a key', but(4, HUB.slice(0, 1))],
  ['a hub with a short key', but(4, ['wss://relay.example', bytes(31)])],
  ['a hub at no address', but(4, ['relay', bytes(32)])],
  ['a hub at a number', but(4, [4400, bytes(32)])],
  ['more hubs to go to than a conversation names', but(5, Array(HUBS_LIMIT + 1).fill(bytes(32)))],
  ['a short key to go to', but(5, [bytes(31)])],
])('moves with %s are refused', (_, value) => {
  expect(() => movesOf(value)).toThrow(expect.objectContaining({ code: 'protocol/malformed' }))
})

test('a move without a hub that is preferred is one', () => {
  expect(movesOf(but(5, []))).toMatchObject([{ order: [] }])
})

test('any other value is refused with a typed error, as moves, as a hub and as a list of hubs', () => {
  const parts = fc.anything({ withBigInt: true, maxDepth: 3 })
  const near = fc.tuple(fc.nat({ max: WHOLE.length - 1 }), parts).map(([place, part]) => but(place, part))
  fc.assert(
    fc.property(fc.oneof(parts, near), (value) => {
      for (const read of [movesOf, hubOf, hubsOf])
        try {
          read(value)
        } catch (error) {
          expect(error).toMatchObject({ code: 'protocol/malformed' })
        }
    }),
    { numRuns: 1_000 },
  )
})
