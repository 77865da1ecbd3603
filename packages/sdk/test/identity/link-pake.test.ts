import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  generatorString,
  lvCat,
  pakeGenerator,
  pakeKey,
  pakePublic,
  pakeScalar,
  pakeShared,
  pakeTag,
} from '../../src/protocol/identity/link-pake.ts'
import { fromHex, toHex, utf8 } from '../../src/util/bytes.ts'

const hex = (text: string): Uint8Array => fromHex(text.replace(/\s/g, '')) as Uint8Array

/** Test vectors of draft-irtf-cfrg-cpace, appendix B.3: CPace over ristretto255 with SHA-512. */
const inputs = {
  prs: utf8('Password'),
  ci: hex('6f630b425f726573706f6e6465720b415f696e69746961746f72'),
  sid: hex('7e4b4791d6a8ef019b936c79fb7f2c57'),
}
const ya = hex('da3d23700a9e5699258aef94dc060dfda5ebb61f02a5ea77fad53f4ff0976d08')
const yb = hex('d2316b454718c35362d83d69df6320f38578ed5984651435e2949762d900b80d')
const a = { y: hex('d40fb265a7abeaee7939d91a585fe59f7053f982c296ec413c624c669308f87a'), ad: utf8('ADa') }
const b = { y: hex('08bcf6e9777a9c313a3db6daa510f2d398403319c2341bd506a92e672eb7e307'), ad: utf8('ADb') }
const shared = 'e22b1ef7788f661478f3cddd4c600774fc0f41e6b711569190ff88fa0e607e09'

describe('the vectors of the draft', () => {
  test('generator', () => {
    const text = generatorString(inputs)
    expect(text).toHaveLength(172)
    expect(toHex(text)).toBe(
      `11435061636552697374726574746f3235350850617373776f726464${'00'.repeat(100)}` +
        '1a6f630b425f726573706f6e6465720b415f696e69746961746f72107e4b4791d6a8ef019b936c79fb7f2c57',
    )
    expect(toHex(pakeGenerator(inputs))).toBe('a6fc82c3b8968fbb2e06fee81ca858586dea50d248f0c7ca6a18b0902a30b36b')
  })

  test('shares and the shared point', () => {
    expect(pakePublic(inputs, ya)).toEqual(a.y)
    expect(pakePublic(inputs, yb)).toEqual(b.y)
    expect(toHex(pakeShared(ya, b.y) as Uint8Array)).toBe(shared)
    expect(toHex(pakeShared(yb, a.y) as Uint8Array)).toBe(shared)
  })

  test('the key of initiator and responder', () => {
    expect(toHex(pakeKey(inputs.sid, hex(shared), a, b))).toBe(
      '4c5469a16b2364c4b944ebc1a79e51d1674ad47db26e8718154f59faebfaa52d' +
        '8346f30aa58377117eb20d527f2cbc5c76381f7fd372e89df8239f87f2e02ed1',
    )
  })

  test('a valid share, one that is no point, and the neutral point', () => {
    const scalar = hex('7cd0e075fa7955ba52c02759a6c90dbbfc10e6d40aea8d283e407d88cf538a05')
    const rest = '3c6b8c4f3800e7aef6864025b4ed79bd599117e427c41bd47d93d654b4a51c'
    expect(toHex(pakeShared(scalar, hex(`2c${rest}`)) as Uint8Array)).toBe(
      '7c13645fe790a468f62c39beb7388e541d8405d1ade69d1778c5fe3e7f6b600e',
    )
    expect(pakeShared(scalar, hex(`2b${rest}`))).toBeUndefined()
    expect(pakeShared(scalar, new Uint8Array(32))).toBeUndefined()
  })
})

test('lengths of more than 127 bytes take two', () => {
  expect([...lvCat(new Uint8Array(128)).subarray(0, 2)]).toEqual([0x80, 1])
  expect([...lvCat(new Uint8Array(127)).subarray(0, 1)]).toEqual([127])
})

test('both sides have one key exactly when all inputs and shares are the same', () => {
  const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
  fc.assert(
    fc.property(
      bytes(5),
      bytes(16),
      bytes(32),
      bytes(32),
      fc.constantFrom('same', 'prs', 'sid', 'ci'),
      (prs, sid, one, other, differs) => {
        const mine = { prs, sid, ci: utf8('both') }
        const changed = (value: Uint8Array) => value.map((byte, at) => (at === 0 ? byte ^ 1 : byte))
        const theirs = differs === 'same' ? mine : { ...mine, [differs]: changed(mine[differs]) }
        const [x, y] = [pakeScalar(() => one), pakeScalar(() => other)]
        if (x.every((byte) => byte === 0) || y.every((byte) => byte === 0)) return
        const from = { y: pakePublic(mine, x), ad: new Uint8Array() }
        const to = { y: pakePublic(theirs, y), ad: new Uint8Array() }
        const [k1, k2] = [pakeShared(x, to.y), pakeShared(y, from.y)] as [Uint8Array, Uint8Array]
        const [i1, i2] = [pakeKey(mine.sid, k1, from, to), pakeKey(theirs.sid, k2, from, to)]
        expect(toHex(i1) === toHex(i2)).toBe(differs === 'same')
        expect(toHex(pakeTag(mine.sid, i1, from)) === toHex(pakeTag(theirs.sid, i2, from))).toBe(differs === 'same')
      },
    ),
    { numRuns: 20 },
  )
})
